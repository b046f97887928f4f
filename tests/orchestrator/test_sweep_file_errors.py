"""A wrong sweep file is refused with the file, the line, the value, and what is allowed."""

from pathlib import Path

import pytest

from orchestrator.sweep_file import load_sweep
from orchestrator.sweep_text import refuse_missing
from trainables.errors import SettingsError

SOUND = "data: synthetic\nloss: cross_entropy\nseeds: 2\n"
NO_SEEDS = "data: synthetic\nloss: cross_entropy\n"
INSTEAD = "seedwise init my.yaml writes one, whose data.path names a file of texts"
SHIPPED = (
    "(sweeps that come with seedwise: imdb_bag_of_embeddings, imdb_loss_by_seed, imdb_why, own_data, quickstart)"
)


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def error_of(content: str | bytes) -> str:
    Path("x.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return error_of_path("x.yaml")


def error_of_path(name_or_path: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_sweep(name_or_path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("training: {epochs: -1}", "training.epochs is -1; it must be at least 1"),
        ("training: {epochs: 3.5}", "training.epochs is 3.5; it must be a whole number"),
        ("training: {epochs: 3.0}", "training.epochs is 3.0; it must be a whole number"),
        ("training: {epochs: '3'}", "training.epochs is '3'; it must be a whole number"),
        ("training: {epochs: true}", "training.epochs is true; it must be a whole number"),
        ("training: {epochs: null}", "training.epochs is null; it must be a whole number"),
        ("training: {epochs: [1]}", "training.epochs is [1]; it must be a whole number"),
        ("training: {learning_rate: fast}", "training.learning_rate is 'fast'; it must be a number"),
        ("training: {learning_rate: 0}", "training.learning_rate is 0; it must be above 0"),
        ("training: {learning_rate: .inf}", "training.learning_rate is inf; it must be a finite number"),
        ("training: {warmup: 1}", "training.warmup is 1; it must be below 1"),
        ("training: {clip_norm: true}", "training.clip_norm is true; it must be a number"),
        ("training: {deterministic: yes}", "training.deterministic is 'yes'; it must be true or false"),
        (
            "training: {schedule: cosin}",
            "training.schedule is 'cosin'; it must be linear, cosine or constant; did you mean cosine?",
        ),
        ("training: 5", "training is 5; it must be a mapping of settings"),
        ("training:", "training is null; it must be a mapping of settings; leave it out for its defaults"),
        ("tokens: {max_length: 0}", "tokens.max_length is 0; it must be at least 1"),
        (
            "tokens: {encoding: cl100k}",
            "tokens.encoding: 'cl100k' is not a tiktoken encoding; did you mean cl100k_base? (known: gpt2, "
            "r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base, o200k_harmony)",
        ),
        ("model: {name: transformer_encoder, width: 30, heads: 4}", "model: width 30 is not a multiple of heads 4"),
        ("model: {width: 3}", "model.name is missing; it must be one of transformer_encoder, bag_of_embeddings"),
        (
            "model: transformer",
            "model is 'transformer', which is unknown; did you mean transformer_encoder? "
            "(known: transformer_encoder, bag_of_embeddings)",
        ),
        (
            "model: {name: bag_of_embeddings, widht: 3}",
            "model.widht is not a setting of bag_of_embeddings; did you mean width? "
            "(known: token_dropout, embedding_std, width, dropout)",
        ),
        (
            "split: {validation: {of: test, sise: 9}}",
            "split.validation.sise is not a setting of split.validation; did you mean size? (known: of, size)",
        ),
        ("split: {validation: {size: 9}}", "split.validation.of is missing"),
        (
            "split: {train: test}",
            "split: test and train both ask for the rest of 'test'; "
            "give one of them a size, e.g. train: {of: test, size: 0.1}",
        ),
        ("resources: {cpus: 0}", "resources.cpus is 0; it must be at least 1"),
        ("resources: {gpus: all}", "resources.gpus is 'all'; it must be auto or a number"),
        ("resources: {gpus: -1}", "resources.gpus is -1; it must be auto or at least 0"),
        ("resources: {gpus: 2}", "resources.gpus is 2; it must be auto or at most 1"),
        ("name: 2024", "name is 2024; it must be text; write it in quotes"),
        (
            "name: a b",
            "name: 'a b' cannot name a sweep; it must begin with a letter or a digit and have only letters, "
            "digits, _, . and - (at most 100)",
        ),
        (
            "sead: 3",
            "sead is not a setting of a sweep; did you mean seeds? (known: name, description, data, split, tokens, "
            "model, loss, training, vary, seeds, baseline, decide, resources)",
        ),
        ("vary:", "vary is null; it must be a mapping of settings; leave it out for its defaults"),
        ("vary: [loss]", "vary is ['loss']; it must be a mapping of settings"),
        ("vary: {loss: cross_entropy}", "vary.loss is 'cross_entropy'; it must be a list"),
        (
            "vary: {training: {epochs: [1, 2]}}",
            "vary.training is {'epochs': [1, 2]}; it must be a list; "
            "write the whole dotted key: training.epochs: [ … ]",
        ),
        ("vary: {tokens.max_length: [0]}", "tokens.max_length is 0; it must be at least 1"),
        ("baseline: all", "baseline is 'all', which is not an arm (known: base)"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(lines: str, message: str) -> None:
    assert error_of(f"{SOUND}# a comment\n{lines}\n") == f"x.yaml:5: {message}"


def test_each_wrong_setting_has_a_line_of_its_own_in_the_files_order() -> None:
    wrong = "vary:\n  seed: [1]\ntraining:\n  epochs: 0\n  batch_size: '8'\nmodel:\n  name: bag\nlos: 1\n"
    assert [line.split(": ")[0:2] for line in error_of(SOUND + wrong).splitlines()] == [
        ["x.yaml:7", "training.epochs is 0; it must be at least 1"],
        ["x.yaml:8", "training.batch_size is '8'; it must be a whole number"],
        ["x.yaml:10", "model.name is 'bag', which is unknown (known"],
        ["x.yaml:11", "los is not a setting of a sweep; did you mean loss? (known"],
    ]


def test_each_wrong_value_of_an_axis_has_its_own_line() -> None:
    vary = (
        "vary:\n  training.epochs:\n    - 1\n    - 0\n  loss:\n    - cross_entropy\n    - {name: cross_entropy}\n"
    )
    assert error_of(SOUND + vary) == "x.yaml:7: training.epochs is 0; it must be at least 1"
    assert error_of(SOUND + vary.replace("0", "2")) == (
        "x.yaml:10: vary: the arm training.epochs=1, loss=cross_entropy is there twice, with the same settings; "
        "remove one"
    )


def test_what_is_required_is_asked_for_by_name() -> None:
    assert error_of("description: nothing\n") == "x.yaml: seeds is missing"
    assert error_of("seeds: 1\n") == (
        "x.yaml: data is missing; it must be one of imdb, huggingface, files, synthetic\n"
        "x.yaml: loss is missing; it must be one of cross_entropy, binary_cross_entropy"
    )


@pytest.mark.parametrize("seeds", ["0", "-1", "'5'", "true", "2.5", "2.0", "[]", "[1, 1]", "[-1]", "[a]", "{a: 1}"])
def test_seeds_must_be_seeds(seeds: str) -> None:
    assert error_of(f"{NO_SEEDS}seeds: {seeds}\n").startswith("x.yaml:3: seeds: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "x.yaml is empty; seedwise init my.yaml writes a sweep file to start from"),
        ("# only a comment\n", "x.yaml is empty; seedwise init my.yaml writes a sweep file to start from"),
        ("- a\n", f"x.yaml: a sweep file says key: value, not ['a']; {INSTEAD}"),
        ("a row, " * 9, f"x.yaml: a sweep file says key: value, not 'a row, a row...a row, a row,'; {INSTEAD}"),
        (b"a: 1\nb: caf\xe9\n", "x.yaml:2: the byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (SOUND + "seeds: 3\n", "x.yaml:4: seeds is given twice, first in line 3"),
        (SOUND + "a: b: c\n", "x.yaml:4: this is not YAML: mapping values are not allowed here"),
    ],
)
def test_a_file_that_is_no_sweep_file_is_refused(content: str | bytes, message: str) -> None:
    assert error_of(content) == message


def test_a_byte_order_mark_and_windows_line_ends_are_no_error() -> None:
    Path("x.yaml").write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())
    assert load_sweep("x.yaml").spec.seed_list == (0, 1)


def test_lists_may_stand_where_a_setting_is_a_tuple() -> None:
    Path("x.yaml").write_text(SOUND.replace("synthetic", "{source: files, path: a.csv, labels: [bad, good]}"))
    assert len(load_sweep("x.yaml").spec.cells) == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("quikstart", f"quikstart: there is no such file; did you mean quickstart? {SHIPPED}"),
        ("quickstart.yaml", f"quickstart.yaml: there is no such file; did you mean quickstart? {SHIPPED}"),
        ("zebra", f"zebra: there is no such file {SHIPPED}"),
        ("mine", f"mine: there is no such file; did you mean the file mine.yaml? {SHIPPED}"),
        ("yours", f"yours: there is no such file; did you mean the file yours.yml? {SHIPPED}"),
        ("./mime.yaml", f"./mime.yaml: there is no such file; did you mean mine.yaml? {SHIPPED}"),
        ("no/such/mine.yaml", f"no/such/mine.yaml: there is no such file {SHIPPED}"),
        ("folder", "folder is a folder; name a sweep file in it"),
    ],
)
def test_a_file_that_is_not_there_is_asked_about(asked: str, message: str) -> None:
    for name in ("mine.yaml", "yours.yml"):
        Path(name).write_text(SOUND)
    Path("folder").mkdir()
    assert error_of_path(asked) == message


def test_a_name_that_no_file_can_have_is_refused_in_words() -> None:
    """A file's text in the place of its name, for instance."""
    name = "vary: {loss: [cross_entropy]}; " * 20
    refuse_missing(name)
    assert error_of_path(name) == f"{name} cannot be read: File name too long"


def test_a_file_is_named_as_it_was_asked_for_and_names_the_sweep() -> None:
    Path("with space").mkdir()
    Path("with space/my-sweep.v2.yaml").write_text(SOUND)
    assert load_sweep("with space/my-sweep.v2.yaml").spec.name == "my-sweep.v2"
    Path("with space/my sweep.yaml").write_text(SOUND)
    said = error_of_path("with space/my sweep.yaml")
    assert said.startswith("with space/my sweep.yaml: name: 'my sweep' cannot name a sweep")
    assert said.endswith("; the name is that of the file, which has no `name:` of its own")
    Path("with space/my sweep.yaml").write_text(SOUND + "name: also bad\n")
    assert "the name is that of the file" not in error_of_path("with space/my sweep.yaml")
