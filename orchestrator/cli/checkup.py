"""What `seedwise doctor` prints: is everything here that a sweep needs? One line each, with the remedy."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
import typer

from orchestrator.addresses import shown
from orchestrator.cli.output import standard_output
from orchestrator.cli.place import usable_home
from orchestrator.environment import versions
from orchestrator.home_root import home_root
from orchestrator.record import reachable
from orchestrator.record.database_place import INSTEAD, refuse_without_locks, shared_kind
from orchestrator.run.cluster import running_ray
from orchestrator.store import Home, check_store
from orchestrator.sweep_file import load_sweep
from trainables.data.encodings import load_encoding
from trainables.errors import SettingsError, UserError


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: Literal["ok", "note", "broken"]
    """`note`: absent, but only some sweeps need it."""
    said: str


def print_findings(
    sweep: str | None,
    set_: Sequence[str],
    home: Path | None,
    store: str | None,
    tracking_uri: str | None,
    address: str | None,
    as_json: bool,
) -> None:
    """Carry out every check; leaves with exit code 1 if something is broken."""
    if set_ and sweep is None:
        raise SettingsError(f"--set {set_[0]}: no sweep is named whose setting it could change")
    place = Home(home_root(home))
    checks: list[tuple[str, Callable[[], Finding | str]]] = [
        ("versions", _versions),
        ("vocabulary", _vocabulary),
        ("gpu", _gpu),
        ("store", lambda: _store(home, store)),
        ("ray", lambda: _ray(address, place)),
        ("mlflow", lambda: _mlflow(tracking_uri, place)),
    ]
    if sweep is not None:
        checks.append(("data", lambda: _data(sweep, set_)))
    findings = [_carried_out(name, check) for name, check in checks]
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        out = standard_output()
        for finding in findings:
            out.print(f"{finding.state:<7}{finding.check:<12}{finding.said}", markup=False, soft_wrap=True)
    raise typer.Exit(int(any(finding.state == "broken" for finding in findings)))


def _carried_out(name: str, check: Callable[[], Finding | str]) -> Finding:
    try:
        found = check()
    except UserError as error:
        return Finding(name, "broken", str(error))
    except Exception as error:  # a check that itself breaks is a finding, too
        return Finding(name, "broken", f"{type(error).__name__}: {error}")
    return Finding(name, "ok", found) if isinstance(found, str) else found


def _versions() -> str:
    return ", ".join(f"{name} {version}" for name, version in versions().items())


def _vocabulary() -> str:
    encoding = load_encoding("cl100k_base")
    return f"{encoding.name} loads: {encoding.n_vocab:,} tokens"


def _gpu() -> Finding | str:
    if not torch.cuda.is_available():
        return Finding(
            "gpu",
            "note",
            "none that torch sees; cells train on CPUs, one thread each unless resources.cpus says more",
        )
    cards = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return f"{len(cards)}: {', '.join(cards)}"


def _store(home: Path | None, url: str | None) -> str:
    store = usable_home(home, url).store()
    check_store(store)
    return f"{store.url} can be written, each record once"


def _ray(address: str | None, home: Home) -> str:
    with running_ray(address, home.ray_log("doctor")) as nodes:
        return f"starts; {'; '.join(map(str, nodes))}"


def _mlflow(tracking_uri: str | None, home: Home) -> Finding | str:
    uri = tracking_uri or home.tracking_uri
    reachable(uri)
    if tracking_uri is None and home.root.is_dir():
        refuse_without_locks(home.root)
    # Of the folder above, where the home is not there yet.
    if tracking_uri is None and (kind := shared_kind(home.root.resolve())):
        return Finding("mlflow", "note", f"{uri} lies on {kind}, which SQLite is not made for; {INSTEAD}")
    return f"{shown(uri)} answers"


def _data(sweep: str, set_: Sequence[str]) -> str:
    sources = {cell.config.data for cell in load_sweep(sweep, set_=set_).spec.cells}
    found = []
    for source in sources:
        corpus = source.load()
        sizes = ", ".join(f"{name}: {len(rows):,} rows" for name, rows in corpus.splits.items())
        found.append(f"{source.source}: {sizes}; classes {', '.join(corpus.class_names)}")
    return "; ".join(found)
