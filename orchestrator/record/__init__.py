"""A sweep's projection into MLflow: all of it can be rebuilt from the store. The only room that knows MLflow."""

from orchestrator.record.reachable import reachable, run_pages, ui_command
from orchestrator.record.recorder import Recorder
from orchestrator.record.sync import RecordState, sync_sweep

__all__ = ["RecordState", "Recorder", "reachable", "run_pages", "sync_sweep", "ui_command"]
