"""The folder that runs leave their traces in, and the sweeps that it knows."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from orchestrator.store import Home, Store, SweepStore
from orchestrator.store.damage import noted_damage
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question
from trainables.errors import UserError


def test_the_home_is_what_was_chosen_else_what_the_variable_names_else_mlruns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEEDWISE_HOME", raising=False)
    assert Home.at(None).root == tmp_path / "mlruns"
    monkeypatch.setenv("SEEDWISE_HOME", "~/elsewhere")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert Home.at(None).root == Path("/home/somebody/elsewhere")
    assert Home.at(Path("chosen")).root == tmp_path / "chosen"
    monkeypatch.setenv("SEEDWISE_HOME", "")
    assert Home.at(None).root == tmp_path / "mlruns"


def test_every_path_of_a_home_is_absolute_and_lies_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home.at(Path("here"))
    paths = (home.artifacts, home.token_cache, home.ray_log("s"), home.failures("k"), home.reports("s"))
    assert all(Path(path).is_relative_to(tmp_path / "here") for path in paths)
    assert home.tracking_uri == f"sqlite:///{tmp_path}/here/mlflow.db"


@pytest.mark.parametrize(
    ("name", "misread"), [("runs?1", "?"), ("runs%41", "%41"), ("why?/runs", "?"), ("100%", ""), ("a#b c", "")]
)
def test_a_home_whose_database_would_lie_elsewhere_is_refused(name: str, misread: str, tmp_path: Path) -> None:
    if not misread:
        assert make_url(Home.at(tmp_path / name).tracking_uri).database == str(tmp_path / name / "mlflow.db")
        return
    with pytest.raises(UserError) as refused:
        Home.at(tmp_path / name)
    assert str(refused.value) == (
        f"the home {tmp_path / name} has {misread!r} in its path, which the address of MLflow's database cannot "
        "hold; rename that folder, or choose another place with --home"
    )


def test_a_sweep_stands_for_its_newest_plan(store: Store) -> None:
    sweeps = SweepStore(store)
    assert sweeps.plan("small") is None
    assert sweeps.names() == []
    sweeps.save("small", {"seeds": [0]}, "seeds: 1\n")
    sweeps.save("small", {"seeds": [0, 1]}, "seeds: 2\n")
    sweeps.save("a.second-one", {}, "")
    store.create("sweeps/small/report/plan.json", b"no sweep's name is `report`")
    assert sweeps.plan("small") == {"seeds": [0, 1]}
    assert store.read("sweeps/small/sweep.yaml") == b"seeds: 2\n"
    assert sweeps.names() == ["a.second-one", "small"]


def test_damaged_notes_of_what_was_planned_and_shown_are_left_out(store: Store) -> None:
    sweeps = SweepStore(store)
    question = Question(frozenset([frozenset([frozenset("a"), frozenset("b")])]), "test_nll", None)
    looks = [NotedLook("small", tuple(range(seeds)), question, plain=True) for seeds in (2, 3, 4, 5)]
    sweeps.note_plan(NotedPlan("small", (0, 1), question))
    for look in looks[:3]:
        sweeps.add_look(look)
    for record in ("planned/0001.json", "looks/0002.json"):
        store.replace(f"sweeps/small/{record}", b"{}")
    assert sweeps.notes() == Notes((), (looks[0], looks[2]), (None,))
    assert {noted.record for noted in noted_damage(store).values()} == {
        "sweeps/small/planned/0001.json",
        "sweeps/small/looks/0002.json",
    }
    sweeps.add_look(looks[3])
    assert sweeps.notes().looks == (looks[0], *looks[2:])


def test_a_damaged_plan_is_not_read_as_truth_and_can_be_saved_anew(store: Store) -> None:
    sweeps = SweepStore(store)
    store.replace("sweeps/small/plan.json", b"{}")
    assert sweeps.plan("small") is None
    sweeps.save("small", {"seeds": [0]}, "")
    assert sweeps.plan("small") == {"seeds": [0]}
