"""What `seedwise losses` prints: every loss with formula, output layer, settings and source."""

import dataclasses
import json

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestrator.cli.output import standard_output
from trainables.losses.described import SettingDescription, describe, head_settings, loss_classes

LEGEND = (
    "z: logits, p: probabilities, y: the true class, n: an item, c: a class of C; u: the head's weights of the log "
    "odds of two classes. Natural logarithm."
)


def print_losses(as_json: bool) -> None:
    """Those that `AnyLoss` has."""
    described = [describe(loss) for loss in loss_classes()]
    if as_json:
        said = {
            "losses": [dataclasses.asdict(loss) for loss in described],
            "head": [dataclasses.asdict(setting) for setting in head_settings()],
        }
        print(json.dumps(said, indent=1, ensure_ascii=False))
        return
    out = standard_output()
    for loss in described:
        rows = {
            "what": loss.summary,
            "formula": "\n".join(loss.formula),
            "output layer": loss.output_layer,
            "settings": _lines(loss.settings) or "none of its own",
            "source": loss.source,
        }
        _print(out, loss.name, rows)
    _print(out, "the head of each", {"settings": _lines(head_settings())})
    out.print(LEGEND, soft_wrap=True)


def _lines(settings: tuple[SettingDescription, ...]) -> str:
    return "\n".join(f"{s.key} ({json.dumps(s.default)}): {s.meaning}" for s in settings)


def _print(out: Console, title: str, rows: dict[str, str]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, said in rows.items():
        table.add_row(name, escape(said))
    out.print(table)
