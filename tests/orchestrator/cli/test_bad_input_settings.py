"""A wrong sweep file or option, on the command line: the message, exit code 2, and nothing has been begun."""

from pathlib import Path

import pytest
from said import Call
from spoken import SOUND, Refused, says

LOSS = "vary:\n  loss: [cross_entropy, binary_cross_entropy]\n"

WRONG_FILES = {
    "an unknown key": (
        "seeds: 1",
        "sead: 1",
        "x.yaml:7: sead is not a setting of a sweep; did you mean seeds? (known: …)",
    ),
    "an unknown key that is one of a group": (
        "seeds: 1",
        "seeds: 1\nepochs: 3",
        "x.yaml:8: epochs is not a setting of a sweep; did you mean training.epochs?",
    ),
    "a misspelt name of a source": (
        "source: synthetic",
        "sorce: synthetic",
        "x.yaml:1: data.sorce is not a setting of data; did you mean source? (one of imdb, huggingface, files, "
        "synthetic)",
    ),
    "a misspelt axis that is required": (
        "  loss: [",
        "  los: [",
        "x.yaml:6: los is not a setting of a cell; did you mean loss? (known: …)",
    ),
    "a misspelt group of an axis, with something missing besides": (
        "  loss: [cross_entropy, binary_cross_entropy]",
        "  traning.epochs: [1, 2]",
        "x.yaml:6: traning is not a setting of a cell; did you mean training? (known: …)\n"
        "x.yaml: loss is missing; it must be one of cross_entropy, binary_cross_entropy",
    ),
    "an unknown key in a group": (
        "epochs: 1",
        "epoch: 1",
        "x.yaml:4: training.epoch is not a setting of training; did you mean epochs? (known: …)",
    ),
    "a wrong type": ("epochs: 1", "epochs: ten", "x.yaml:4: training.epochs is 'ten'; it must be a whole number"),
    "an unknown loss": (
        "[cross_entropy,",
        "[cross_entropi,",
        "x.yaml:6: loss is 'cross_entropi', which is unknown; did you mean cross_entropy? "
        "(known: cross_entropy, binary_cross_entropy)",
    ),
    "an unknown model": (
        "bag_of_embeddings",
        "bag_of_words",
        "x.yaml:3: model.name is 'bag_of_words', which is unknown; did you mean bag_of_embeddings? "
        "(known: transformer_encoder, bag_of_embeddings)",
    ),
    "an unknown encoding": (
        "seeds: 1",
        "seeds: 1\ntokens: {encoding: cl100k_bas}",
        "x.yaml:8: tokens.encoding: 'cl100k_bas' is not a tiktoken encoding; did you mean cl100k_base? (known: …)",
    ),
    "a length of nothing": (
        "seeds: 1",
        "seeds: 1\ntokens: {max_length: 0}",
        "x.yaml:8: tokens.max_length is 0; it must be at least 1",
    ),
    "the same arm twice": (
        "binary_cross_entropy]",
        "cross_entropy]",
        "x.yaml:6: vary: the arm loss=cross_entropy is there twice, with the same settings; remove one",
    ),
    "an arm that is another by its defaults": (
        "binary_cross_entropy]",
        "{name: cross_entropy}]",
        "x.yaml:6: vary: the arm loss=cross_entropy is there twice, with the same settings; remove one",
    ),
    "no arms": (
        "[cross_entropy, binary_cross_entropy]",
        "[]",
        "x.yaml:6: vary: loss has no values; give at least one, or leave it out",
    ),
    "a varied key that does not exist": (
        LOSS,
        LOSS + "  training.learnig_rate: [0.1, 0.2]\n",
        "x.yaml:7: training.learnig_rate is not a setting of training; did you mean learning_rate? (known: …)",
    ),
    "no seeds": (
        "seeds: 1",
        "seeds: 0",
        "x.yaml:7: seeds: 0 seeds cannot be trained; the number must be at least 1 and at most 10,000",
    ),
    "a seed twice": (
        "seeds: 1",
        "seeds: [3, 1, 3]",
        "x.yaml:7: seeds: 3 is there more than once; each seed is trained once",
    ),
    "an official split twice": (
        "split: {validation: {of: test, size: 20}}",
        "split: {train: train, validation: train}",
        "x.yaml:2: split: validation and train both ask for the rest of 'train'; give one of them a size, e.g. "
        "train: {of: train, size: 0.1}",
    ),
    "the same file twice": (
        "{source: synthetic, train_rows: 60, test_rows: 60, median_words: 20}",
        "{source: files, train: a.csv, test: ./a.csv}",
        "x.yaml:1: data: train and test are the same file, ./a.csv; leave test out to draw it from train",
    ),
}


@pytest.mark.parametrize(("right", "wrong", "message"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_setting_is_named_with_its_line_and_nothing_is_begun(
    right: str, wrong: str, message: str, refused: Refused, home: Path
) -> None:
    assert SOUND.count(right) == 1
    Path("x.yaml").write_text(SOUND.replace(right, wrong))
    said = refused("run", "x.yaml", home=home)
    assert says(said, message), said


WRONG_OPTIONS = {
    "no seeds": (
        ["--seeds", "0"],
        "--seeds 0: seeds: 0 seeds cannot be trained; the number must be at least 1 and at most 10,000",
    ),
    "no assignment": (
        ["--set", "nonsense"],
        "--set nonsense: write key=value, e.g. --set training.epochs=3",
    ),
    "no key": (["--set", "=3"], "--set =3: write key=value, e.g. --set training.epochs=3"),
    "no value": (
        ["--set", "name="],
        "--set name=: no value follows the =; write one, or null for none",
    ),
    "no YAML": (["--set", "seeds=["], "--set seeds=[: this is not YAML: …"),
    "an unknown setting": (
        ["--set", "training.epoch=3"],
        "--set training.epoch=3: training.epoch is not a setting of training; did you mean epochs? (known: …)",
    ),
    "an unknown group": (
        ["--set", "trainig.epochs=3"],
        "--set trainig.epochs=3: trainig is not a setting of a sweep; did you mean training? (known: …)",
    ),
    "a setting without its group": (
        ["--set", "epochs=3"],
        "--set epochs=3: epochs is not a setting of a sweep; did you mean training.epochs?",
    ),
    "something that varies": (
        ["--set", "loss=cross_entropy"],
        "--set loss=cross_entropy: this sweep varies loss, so every arm would replace it; "
        "say --set 'vary.loss=[ … ]'",
    ),
    "a wrong value": (
        ["--set", "training.epochs=many"],
        "--set training.epochs=many: training.epochs is 'many'; it must be a whole number",
    ),
}


@pytest.mark.parametrize(("options", "message"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
def test_a_wrong_option_is_named_as_it_was_typed(
    options: list[str], message: str, refused: Refused, home: Path
) -> None:
    Path("x.yaml").write_text(SOUND)
    said = refused("run", "x.yaml", *options, home=home)
    assert said == message or says(said, message), said


def test_what_is_missing_is_told_after_a_misspelt_option(refused: Refused, home: Path) -> None:
    Path("x.yaml").write_text(SOUND.replace(LOSS, ""))
    said = refused("run", "x.yaml", "--set", "vary.traning.epochs=[1, 2]", home=home)
    assert [line.split(":")[0] for line in said.splitlines()] == ["--set vary.traning.epochs=[1, 2]", "x.yaml"]


def test_a_sweep_that_is_not_there_has_its_near_miss(refused: Refused, home: Path) -> None:
    said = refused("run", "quikstart", home=home)
    assert says(said, "quikstart: there is no such file; did you mean quickstart? (sweeps that come with …)")
    Path("mine.yaml").write_text(SOUND)
    assert "did you mean the file mine.yaml?" in refused("run", "mine", home=home)


@pytest.mark.parametrize("name", ["", " "])
def test_a_sweep_without_a_name_is_told_so(name: str, refused: Refused, home: Path) -> None:
    said = refused("run", name, home=home)
    assert says(
        said, "the name of the sweep is empty; give one that comes with seedwise (…quickstart), or the path …"
    )


@pytest.mark.parametrize("command", ["plan", "run", "resume"])
def test_every_command_that_reads_a_sweep_refuses_a_wrong_one(command: str, refused: Refused, home: Path) -> None:
    Path("x.yaml").write_text(SOUND.replace("seeds: 1", "seeds: x"))
    said = refused(command, "x.yaml", home=home)
    assert said == "x.yaml:7: seeds: 'x' is not a whole number; give a number of seeds, or a list of seeds"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], "Missing argument"),
        (["run", "quickstart", "--seeds", "x"], "--seeds"),
        (["run", "quickstart", "--sedes", "3"], "No such option"),
        (["rnu"], "No such command"),
        (["plan", "quickstart", "--home", ""], "'--home': it is empty"),
        (["plan", "quickstart", "--address", " "], "'--address': it is empty"),
        (["run", "quickstart", "--tracking-uri", ""], "'--tracking-uri': it is empty"),
        (["predict", "quickstart", "--csv", ""], "'--csv': it is empty"),
        (["init", ""], "it is empty"),
    ],
)
def test_words_that_are_no_command_are_refused_with_the_way_to_help(
    words: list[str], said: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    ended = call(*words)
    assert ended.code == 2
    assert said in ended.err
    assert "Usage: seedwise" in ended.err
    assert "--help" in ended.err
    assert list(Path().iterdir()) == []


def test_a_baseline_is_known_however_its_number_is_written(call: Call, new_home: Path) -> None:
    Path("x.yaml").write_text(SOUND + "baseline: training.learning_rate=7e-4, loss=binary_cross_entropy\n")
    vary = "vary={training.learning_rate: [1e-3, 7e-4], loss: [cross_entropy, binary_cross_entropy]}"
    said = call("plan", "x.yaml", "--set", vary, "--home", str(new_home))
    assert (said.code, said.err) == (0, "")
    assert "against training.learning_rate=0.0007, loss=binary_cross_entropy" in said.out
