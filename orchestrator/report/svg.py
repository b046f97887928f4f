"""Figures as files: PNG on white, and SVG that takes on the ink of where it is shown, light or dark."""

import io
import re
from dataclasses import dataclass
from html import escape

import matplotlib
from matplotlib.figure import Figure

from orchestrator.report.content import Picture
from orchestrator.report.figures.style import INK, STYLE

LIGHT, DARK = INK, "#e6e8eb"
DPI = 150
PROLOG = re.compile(r"^.*?(?=<svg)", re.DOTALL)
METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
IDENTITY = re.compile(r'(\bid="|href="#|url\(#)')
SIZE = re.compile(r'<svg[^>]*?viewBox="([^"]*)"[^>]*>')
OWN_INK = (
    f"<style>svg {{ color: {LIGHT} }} @media (prefers-color-scheme: dark) {{ svg {{ color: {DARK} }} }}</style>"
)


@dataclass(frozen=True)
class Drawn:
    """One picture in every form."""

    picture: Picture
    inline: str
    """An `<svg>` element for a page of HTML."""
    png: bytes

    @property
    def file(self) -> str:
        """The same by itself, with an ink of its own."""
        return '<?xml version="1.0" encoding="utf-8"?>\n' + self.inline.replace(">", f">{OWN_INK}", 1) + "\n"


def drawn(picture: Picture) -> Drawn:
    """The same numbers give the same bytes."""
    with matplotlib.rc_context(STYLE):
        figure = picture.draw()
        figure.draw_without_rendering()  # finds the layout, which then need not be found for each form
        figure.set_layout_engine("none")
        return Drawn(picture, _inline(figure, picture), _png(figure))


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white")
    return buffer.getvalue()


def _inline(figure: Figure, picture: Picture) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    # The metadata say when it was drawn, and no two drawings would be the same.
    text = METADATA.sub("", PROLOG.sub("", buffer.getvalue(), count=1), count=1).rstrip()
    # Several stand in one page, where an id must not be there twice.
    text = IDENTITY.sub(lambda found: f"{found.group()}{picture.stem}-", text)
    text = text.replace(INK, "currentColor")
    view = SIZE.search(text)
    assert view is not None, "matplotlib's SVG has a viewBox"
    width, height = view.group(1).split()[2:]
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{escape(picture.sees)}" viewBox="{view.group(1)}" width="{width}pt" height="{height}pt">'
    )
    return text.replace(view.group(), root, 1)
