"""Is an arm right as often as it says it is?"""

from collections.abc import Sequence

from orchestrator.compare.comparison import ArmState
from orchestrator.compare.metric import in_digits
from orchestrator.report.content import Picture, Said, Section, Table
from orchestrator.report.figures import reliability_diagram
from orchestrator.report.material import Material

COLUMNS = ("arm", "confidence, %", "right, %", "ECE, %", "ECE if calibrated, %", "95 in 100 under, %")
NULL = (
    "ECE is the expected calibration error, over 15 bins. It is above 0 even for a perfectly calibrated model, "
    "because each bin holds few items: the two last columns say how much above, for one run of the arm."
)


def section(material: Material) -> Section | None:
    """None where no predictions are stored."""
    comparison = material.comparison
    arms = [] if comparison is None else [state for state in comparison.arms if state.reliability is not None]
    if not arms:
        return None
    diagrams = {state.arm: state.reliability for state in arms if state.reliability is not None}
    return Section(
        name="calibration",
        heading="Calibration",
        sees="On the dashed line an arm is right as often as it says; below it, it is surer than it should be.",
        parts=(
            Picture("reliability", sentence(arms), lambda: reliability_diagram(diagrams, material.styles)),
            Table.of("Confidence and accuracy over all runs", COLUMNS, [row(state) for state in arms]),
            Said("", (NULL,)),
        ),
        numbers=diagrams,
    )


def row(state: ArmState) -> list[str]:
    found, null = state.reliability, state.ece_when_calibrated
    assert found is not None
    shares = [found.confidence, found.accuracy, state.ece]
    shares += [None, None] if null is None else [null.estimate, null.high]
    return [state.arm, *("–" if share is None else in_digits(100 * share) for share in shares)]


def sentence(arms: Sequence[ArmState]) -> str:
    """How far confidence and accuracy lie apart on average."""
    said = []
    for state in arms[:4]:
        assert state.reliability is not None
        gap = 100 * (state.reliability.confidence - state.reliability.accuracy)
        what = "too sure" if gap > 0 else "not sure enough"
        said.append(f"{state.arm} is {what} by {abs(gap):.1f} points on average")
    more = f"; and {len(arms) - 4} more" if len(arms) > 4 else ""
    return (
        f"{'; '.join(said)}{more}. An upright line goes from the run that is lowest in the bin to the highest: "
        "long ones stand where few items are, as the counts below show."
        + (" Arms stand a little aside of each other, lest one hide another." if len(arms) > 1 else "")
    )
