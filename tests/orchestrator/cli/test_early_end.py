"""A signal that comes while a command is being loaded: nothing has begun, and the exit code says who ended it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from said import Call

from orchestrator.cli import early_end
from orchestrator.run.stopping import StopSwitch

SIGNALLED_WHILE_LOADING = """
import signal, sys
class Sender:
    def find_spec(name, *rest):
        if name == {module!r}:
            signal.raise_signal({number})
sys.meta_path.insert(0, Sender)
from orchestrator.cli import main
main()
"""


@pytest.mark.parametrize(
    ("module", "number"), [("typer", signal.SIGINT), ("torch", signal.SIGINT), ("torch", signal.SIGTERM)]
)
def test_while_a_command_is_loaded_a_signal_ends_it_in_words(
    module: str, number: signal.Signals, new_home: Path
) -> None:
    script = SIGNALLED_WHILE_LOADING.format(module=module, number=int(number))
    process = subprocess.run(
        [sys.executable, "-c", script, "run", "quickstart", "--home", str(new_home)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert (process.returncode, process.stdout) == (128 + number, "")
    assert process.stderr == (
        f"{number.name} received; nothing that was stored is lost, and the same command goes on\n"
    )
    assert not new_home.exists()


@pytest.fixture
def process_of_ours() -> Iterator[None]:
    """Signals as a command has them when it begins, and then as they were."""
    before = {number: signal.getsignal(number) for number in early_end.SIGNALS}
    for number in early_end.SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    early_end.end_early()
    early_end.interruptible()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("process_of_ours")
def test_once_it_has_begun_ctrl_c_raises_and_nohup_stays_nohup() -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.usefixtures("process_of_ours")
def test_a_sweep_takes_the_signals_over_and_gives_them_back() -> None:
    before = [signal.getsignal(number) for number in early_end.SIGNALS]
    switch = StopSwitch()
    with switch.installed(), switch.polled():
        signal.raise_signal(signal.SIGINT)
    assert switch.exit_code == 130
    assert [signal.getsignal(number) for number in early_end.SIGNALS] == before


def test_a_program_that_calls_a_command_keeps_its_signals(call: Call) -> None:
    before = [signal.getsignal(number) for number in early_end.SIGNALS]
    assert call("losses").code == 0
    assert [signal.getsignal(number) for number in early_end.SIGNALS] == before
