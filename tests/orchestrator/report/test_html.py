"""The page that a browser shows: whole, by itself, and sound whatever the arms are called."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest

from orchestrator.report import compose
from orchestrator.report.html import breakable, html
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]
EMPTY = {"meta", "link", "br", "img", "input"}


class Page(HTMLParser):
    """Its elements, its text and its ids; refuses what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(re.sub("<wbr[^>]*>", "", text))  # where a long name may be broken
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}>"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data.strip())

    def attributes(self, name: str) -> Iterator[str]:
        return (
            value for _, attributes in self.elements for key, value in attributes.items() if key == name and value
        )


def shown(table: ResultTable) -> tuple[str, Page]:
    report = compose(table)
    figures = {picture.stem: f'<svg id="{picture.stem}-figure_1"></svg>' for picture in report.pictures}
    text = html(report, figures)
    return text, Page(text)


def test_it_is_whole_and_loads_nothing(make_table: MakeTable, runs: dict) -> None:  # type: ignore[type-arg]
    text, page = shown(make_table(runs))
    names = {tag for tag, _ in page.elements}
    assert names.isdisjoint({"link", "img", "iframe", "object"})
    assert "src" not in {name for _, attributes in page.elements for name in attributes}
    assert "@import" not in text
    assert "url(" not in text
    assert not re.search(r"https?://", text)
    ids = list(page.attributes("id"))
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in page.attributes("href")} <= set(ids)


def test_every_arm_is_named_as_it_is_whatever_it_is_called(make_table: MakeTable, runs: dict) -> None:  # type: ignore[type-arg]
    _, page = shown(make_table(runs))
    assert set(runs) <= set(page.text)
    assert {"b", "x"}.isdisjoint(tag for tag, _ in page.elements), "no arm's name is markup"


def test_sections_tables_and_figures_are_what_they_are(make_table: MakeTable) -> None:
    table = make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7, 0.6]})
    _, page = shown(table)
    tags = [tag for tag, _ in page.elements]
    report = compose(table)
    assert tags.count("section") == tags.count("h2") == len(report.sections)
    assert tags.count("h1") == tags.count("main") == tags.count("nav") == 1
    assert tags.count("figure") == tags.count("figcaption") == tags.count("svg") == len(report.pictures) > 3
    assert tags.count("table") > 2
    scrolling = [attributes for tag, attributes in page.elements if attributes.get("class") == "scroll"]
    assert len(scrolling) == tags.count("table")
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in scrolling), "the keyboard can scroll them"
    assert {attributes["scope"] for tag, attributes in page.elements if tag == "th"} == {"row", "col", "rowgroup"}
    for section in report.sections:
        assert section.sees in page.text
    for picture in report.pictures:
        assert picture.sees in page.text


def test_the_name_of_a_difference_stands_over_its_rows_and_takes_no_column(make_table: MakeTable) -> None:
    text, _ = shown(make_table({"a": [0.8, 0.9], "b": [0.7, 0.6], "c": [0.5, 0.6]}))
    table = text[text.index("Every difference, by method") :]
    table = table[: table.index("</table>")]
    groups = re.split("<tbody>", table)[1:]
    assert len(groups) == len(re.findall('class="group"', table)) == 2
    columns = len(re.findall('scope="col"', table))
    for group in groups:
        name, *rows = re.findall("<tr.*?</tr>", group, re.DOTALL)
        assert f'colspan="{columns}"' in name
        assert "−" in name
        assert rows
        assert all(row.count("<td") == columns - 1 for row in rows)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("loss=cross_entropy(label_smoothing=0.1)", "loss=|cross_|entropy(|label_|smoothing=|0.1)"),
        ("loss=cross_entropy(head=(init=two_rows))", "loss=|cross_|entropy(|head=|(init=|two_|rows))"),
        ("n=10/10 seeds of loss=a (exploratory)", "n=10/10 seeds of loss=a (exploratory)"),
        ("training.batch_size=<b>&64", "training.¦batch_¦size=¦&lt;b&gt;&amp;64"),
    ],
)
def test_a_long_name_may_be_broken_where_its_parts_meet_and_is_no_markup(said: str, shown: str) -> None:
    assert breakable(said) == shown.replace("|", "<wbr>").replace("¦", '<wbr class="tight">')


def test_names_may_be_broken_wherever_they_stand(make_table: MakeTable) -> None:
    name = "loss=binary_cross_entropy"
    text, _ = shown(make_table({name: [0.8, 0.9], "loss=b": [0.7, 0.6]}))
    seen = re.sub(r'aria-label="[^"]*"', "", text)
    assert name not in seen
    assert re.sub("<wbr[^>]*>", "|", seen).count("loss=|binary_|cross_|entropy") > 8


def test_a_long_table_goes_on_on_the_next_sheet_and_a_short_one_stays_whole(make_table: MakeTable) -> None:
    _, page = shown(make_table({f"loss={n}": [0.8, 0.9] for n in range(12)}))
    boxes = {a["aria-label"]: a["class"] for _, a in page.elements if str(a.get("class")).startswith("scroll")}
    assert boxes["Every difference, by method"] == "scroll long"
    assert boxes["What was trained on what"] == "scroll"


def test_it_fits_a_phone_a_sheet_of_paper_and_a_dark_room(make_table: MakeTable) -> None:
    text, _ = shown(make_table({"base": [0.8]}))
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "@media screen and (prefers-color-scheme: dark)" in text, "paper stays light"
    assert "@media print" in text
    assert "break-inside: avoid" in text


def luminance(colour: str) -> float:
    """By WCAG 2, of `#rrggbb`."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_from_its_ground_in_the_light_and_in_the_dark(make_table: MakeTable) -> None:
    text, _ = shown(make_table({"base": [0.8]}))
    schemes = re.findall(r":root \{([^{}]*--ground[^{}]*)\}", text)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#\w{6});", scheme))
        for ink in ("ink", "faint", "link"):
            for ground in ("ground", "raised"):
                low, high = sorted((luminance(colours[ink]), luminance(colours[ground])))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize("ends", [["new", "new"], ["diverged", "failed"]])
def test_a_sweep_without_a_finished_cell_has_a_page(make_table: MakeTable, ends: list[str]) -> None:
    _, page = shown(make_table({"loss=a": ends, "loss=b": ends}))
    assert "4 of 4 cells are in no mean" in " ".join(page.text)
    assert "figure" not in {tag for tag, _ in page.elements}
