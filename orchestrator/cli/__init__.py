"""The command line: `seedwise …`. Each command is a thin edge around the room that does the work."""

from orchestrator.cli.entry import main

__all__ = ["main"]
