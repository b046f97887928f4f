"""A sweep's projection into MLflow: all of it can be rebuilt from the store. The only room that knows MLflow."""

from orchestrator.record.catching_up import sync_sweep
from orchestrator.record.page import run_pages, ui_command
from orchestrator.record.reachable import UnreachableError, reachable
from orchestrator.record.recorder import Recorder
from orchestrator.record.settling import settle
from orchestrator.record.sync import RecordState

__all__ = [
    "RecordState",
    "Recorder",
    "UnreachableError",
    "reachable",
    "run_pages",
    "settle",
    "sync_sweep",
    "ui_command",
]
