"""A sweep of which nothing is left to do but to record it: MLflow did not keep up, or has lost it since."""

import signal

import pytest
from done_sweep import HELP, PAGE, Done, change_in_mlflow

from orchestrator.cli import main
from orchestrator.cli.carry_out import LEAVING_S, RECORD_DEADLINE_S
from orchestrator.record import Recorder, RecordState
from orchestrator.run.stopping import EARLIER_S, STOP_WITHIN_S, StopSwitch
from orchestrator.store import SweepStore


class Recording:
    """In the recorder's place: what it was to record, and how far it comes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.asked: list[dict[str, object]] = []
        self.state = RecordState(recorded=2, behind=0)
        monkeypatch.setattr(Recorder, "finish", lambda _, deadline_s, **what: self.asked.append(what) or self.state)


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Recording:
    return Recording(monkeypatch)


def run(done: Done, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    with pytest.raises(SystemExit) as left:
        main(["run", "ok.yaml", "--home", str(done.home.root)])
    return left.value.code, capsys.readouterr().out


def test_a_run_that_mlflow_did_not_keep_up_with_leaves_its_word_and_the_next_one_only_records(
    done: Done, recording: Recording, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    SweepStore(done.home.store()).save(done.plan.spec.name, done.plan.stored(), done.text)
    done.word().take_back()
    recording.state = RecordState(recorded=0, behind=2, error="MLflow did not keep up within 120 s")
    code, said = run(done, capsys)
    assert "MLflow is 2 cells behind (MLflow did not keep up within 120 s)" in said
    (at_first,) = recording.asked

    monkeypatch.setattr("orchestrator.cli.carry_out.outcome_of", lambda _: pytest.fail("compared again"))
    again = run(done, capsys)
    assert again[0] == code == 1
    assert "there is nothing to do but to record it: MLflow is brought up to date" in again[1]
    assert "MLflow is 2 cells behind" in again[1]
    assert "sync ok" in again[1]
    assert recording.asked == [at_first | {"stopped": ()}, {key: at_first[key] for key in ("note", "report")}]

    recording.state = RecordState(recorded=2, behind=0)
    assert "behind" not in run(done, capsys)[1]
    assert "there is nothing to do: all of it is finished, in the report and in MLflow" in run(done, capsys)[1]
    assert len(recording.asked) == 3


def test_a_signal_while_it_only_records_closes_the_record_and_leaves_the_rest_to_the_next_run(
    done: Done, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done.word().take_back()
    assert done.word().keep("all of it was said", PAGE, 1, "what MLflow is to show", HELP) is not None
    deadlines: list[float] = []

    def finish(_: Recorder, deadline_s: float, **__: object) -> RecordState:
        deadlines.append(deadline_s)
        if len(deadlines) == 1:
            signal.raise_signal(signal.SIGTERM)
        return RecordState(recorded=1, behind=1, error="MLflow did not keep up")

    monkeypatch.setattr(StopSwitch, "end_process_in_time", lambda *_, **__: None)  # it would end the tests
    monkeypatch.setattr(Recorder, "finish", finish)
    with pytest.raises(SystemExit) as left:
        main(["run", "ok.yaml", "--home", str(done.home.root)])
    said = capsys.readouterr()
    assert left.value.code == 128 + signal.SIGTERM
    assert said.out.endswith("there is nothing to do but to record it: MLflow is brought up to date\n")
    assert said.err == "stopped: SIGTERM received\nnothing that was stored is lost; run the same command to go on\n"
    assert deadlines[0] == RECORD_DEADLINE_S
    assert deadlines[1:] == [pytest.approx(STOP_WITHIN_S - EARLIER_S - LEAVING_S, abs=1.0)]
    word = done.word().found()
    assert word is not None
    assert not word.recorded


def test_what_cannot_be_taken_away_from_mlflow_is_told(
    done: Done, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.state = RecordState(recorded=2, behind=0, notice="files of an earlier one lie there")
    change_in_mlflow(done, "update runs set status = 'RUNNING'")
    assert "\nfiles of an earlier one lie there\n" in run(done, capsys)[1]
