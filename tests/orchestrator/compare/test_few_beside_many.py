"""Of few runs beside many no verdict is given: arms of several sweeps may have other numbers of runs."""

import pytest
from made_up_runs import kinds, of_values, spread_out

from orchestrator.compare import compare

TOO_MUCH = "beside more than 1.5 times as many, one unusual run among few decides too much"


@pytest.mark.parametrize("few_first", [True, False])
def test_no_difference_is_shown_by_few_runs_beside_many(few_first: bool) -> None:
    few = {"few": spread_out(6, 0.9, 0.01)}

    def judged(n: int, margin: float | None = None) -> tuple[str, str, tuple[str, ...]]:
        many = {"many": spread_out(n, 0.8 if margin is None else 0.9, 0.01, number=1)}
        (pair,) = compare(of_values(few | many if few_first else many | few, margin=margin)).pairs
        verdict = pair.verdicts[0]
        return verdict.kind, verdict.sentence, pair.notes

    assert judged(9)[0] == "BETTER"
    assert judged(9, margin=5.0)[0] == "EQUIVALENT"
    for kind, margin in (("BETTER", None), ("EQUIVALENT", 5.0)):
        found, sentence, notes = judged(10, margin)
        assert found == "NOT SETTLED"
        assert sentence.endswith("; so unequal numbers of runs forbid to say more.")
        assert notes == (f"{kind} is withheld: many has 10 runs and few 6; {TOO_MUCH}.",)


def test_no_spread_is_shown_by_few_runs_beside_many() -> None:
    wide = spread_out(12, 0.8, 0.03)
    alike, unlike = (compare(of_values({"wide": wide, "narrow": spread_out(n, 0.8, 0.003, 1)})) for n in (18, 19))
    assert kinds(alike) == [["NOT SETTLED", "STEADIER"]]
    assert kinds(unlike) == [["NOT SETTLED", "SPREAD NOT SETTLED"]]
    assert unlike.pairs[0].verdicts[1].p is None
    assert unlike.pairs[0].notes == (f"STEADIER is withheld: narrow has 19 runs and wide 12; {TOO_MUCH}.",)
