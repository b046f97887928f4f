"""A cell as a model of MLflow, laid out in a folder."""

from pathlib import Path

from orchestrator.environment import versions
from orchestrator.record.imported import import_mlflow

NEEDED = ("seedwise", "torch", "numpy", "tiktoken", "mlflow")
"""Packages that a logged model needs."""


def save_text_model(folder: Path, cell: Path) -> None:
    """Lay out a model that `mlflow.pyfunc` loads, from a folder with a cell's weights and settings.

    Not by MLflow's `log_model`: it works on the process's active run, which is not ours to change.
    """
    import_mlflow().pyfunc.save_model(
        folder,
        python_model=str(Path(__file__).with_name("text_model.py")),
        artifacts={"cell": str(cell)},
        # Said, because MLflow would find them out by loading the model in a process of its own, which takes long.
        pip_requirements=[f"{package}=={version}" for package, version in versions().items() if package in NEEDED],
    )
