"""What else is estimated of two arms beside their difference: no verdict rests on it, and nothing corrects it."""

from collections.abc import Iterator

from orchestrator.compare import Comparison, Metric, PairComparison
from orchestrator.compare.measure import FEWEST_FOR_WINS
from orchestrator.compare.statistics.estimates import Estimate
from orchestrator.report.difference_table import p_shown

CAPTION = "Beside the difference (exploratory)"
COLUMNS = ("difference", "what, by method", "estimate", "95% CI", "p", "n")
WORDS = COLUMNS[:2]
OF_WINS = f"How often one arm wins has an interval and a p from {FEWEST_FOR_WINS} runs an arm on."
OF_SPREAD = "A ratio of sds has no p here: what is shown of spread the verdicts say, by three tests together."


def rows(comparison: Comparison) -> list[list[str]]:
    """By `COLUMNS`; the name of a pair stands in the first of its rows."""
    found = []
    for pair in comparison.pairs:
        for number, cells in enumerate(_of_pair(pair, comparison)):
            found.append(["" if number else f"{pair.arm} − {pair.versus}", *cells])
    return found


def footnotes(comparison: Comparison) -> tuple[str, ...]:
    """Why a dash stands where a number might."""
    found = [pair.numbers for pair in comparison.pairs if pair.numbers is not None and comparison.is_judged]
    said = [OF_WINS] if any(min(numbers.wins.n) < FEWEST_FOR_WINS for numbers in found) else []
    return (*said, OF_SPREAD) if any(numbers.sd_ratio is not None for numbers in found) else tuple(said)


def _of_pair(pair: PairComparison, comparison: Comparison) -> Iterator[list[str]]:
    numbers = pair.numbers
    if numbers is None:
        return
    wins, ratio, shuffled = numbers.wins, numbers.sd_ratio, numbers.permutation
    metric = Metric(comparison.metric, comparison.maximize)
    higher = f"how often a run of the first has the higher {metric.name.replace('_', ' ')}, in 100"
    p, often = p_shown(wins.p, comparison), f"{100 * wins.estimate:.0f}"
    yield [f"{higher}, Brunner–Munzel", often, _span(wins, 100, 0), p, _runs(wins.n)]
    if ratio is not None:
        yield [
            "sd of the first over sd of the second, Bonett",
            f"{ratio.estimate:.2f}",
            _span(ratio, 1, 2),
            "–",
            _runs(ratio.n),
        ]
    if shuffled.p is not None and comparison.is_judged:
        yield [f"no difference, {shuffled.method}", "–", "–", p_shown(shuffled.p, comparison), _runs(shuffled.n)]


def _span(found: Estimate, scale: float, digits: int) -> str:
    if found.interval is None:
        return "–"
    low, high = (f"{scale * bound:.{digits}f}" for bound in (found.interval.low, found.interval.high))
    return f"{low} to {high}"


def _runs(n: tuple[int, ...]) -> str:
    return "/".join(map(str, n))
