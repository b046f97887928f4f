"""The benchmark of validity finds planted mistakes, and nothing where there are none."""

from collections.abc import Callable

import numpy as np
import pytest
from made_up_runs import of_items as table_of_items
from made_up_runs import of_values as table_of_values

from benchmarks.validity import learning, questions, trials
from benchmarks.validity.fishing import AS_FIRST, Ask, fished
from benchmarks.validity.items import ALL_ITEMS, ItemWorld
from benchmarks.validity.judging import (
    OF_ITEMS,
    OF_VALUES,
    arm_of_items,
    arm_of_predictions,
    arm_of_values,
    judged,
    only_what_verdicts_rest_on,
    rules,
)
from benchmarks.validity.learning import TAKEN, LearningWorld, of_learning
from benchmarks.validity.macro_f1 import OF_NEW, expected, macro_f1, of_macro_f1, right
from benchmarks.validity.studies import ONE_PAIR, PLAIN
from benchmarks.validity.tally import Tally
from benchmarks.validity.worlds import Law, ValueWorld, even, heavy, skewed
from orchestrator.compare import compare, corrected, rests_on
from orchestrator.compare.comparison import PairComparison
from orchestrator.compare.statistics import differences, seeds_and_items
from orchestrator.compare.statistics.anytime import SeedEvidence
from orchestrator.compare.statistics.estimates import Estimate, t_critical
from trainables.evaluation import scores

RNG = np.random.default_rng
OPPOSED = ValueWorld("pairs opposed, one arm ahead", (PLAIN, Law(mean=1)), correlation=-0.9)


def missed(trial: Callable[..., Tally], *given: object) -> set[str]:
    """What the benchmark would print in bold."""
    with only_what_verdicts_rest_on():
        return {share.question.of for share in trial(*given, rng=RNG(1)).shares if share.misses}


def of_pairs() -> set[str]:
    return missed(trials.of_values, OPPOSED, ONE_PAIR, 10, 500)


def test_without_a_mistake_nothing_is_missed() -> None:
    """But for what takes the arms for independent, where seeds move them against each other."""
    assert of_pairs() == {"Brunner–Munzel", "Welch's t"}


def test_a_wrong_number_of_degrees_of_freedom_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the normal law instead of Student's."""
    right = differences.t_estimate

    def wrong(estimate: float, se: float, df: float, *rest: object) -> Estimate:
        return right(estimate, se, 1000.0, *rest)  # type: ignore[arg-type]

    few = ValueWorld("normal", (PLAIN, PLAIN))
    monkeypatch.setattr(differences, "t_estimate", wrong)
    assert missed(trials.of_values, few, ONE_PAIR, 5, 1000) >= {"paired t", "BETTER"}


def shifted(a: np.ndarray, b: np.ndarray) -> Estimate:
    """Each run beside the next seed's."""
    return differences.paired_t(a, np.roll(b, 1))


def changed_over(a: np.ndarray, b: np.ndarray) -> Estimate:
    """One arm taken for the other."""
    return differences.paired_t(b, a)


@pytest.mark.parametrize("wrong", [shifted, changed_over])
def test_a_swapped_pair_is_caught(
    wrong: Callable[[np.ndarray, np.ndarray], Estimate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rests_on, "paired_t", wrong)
    assert "paired t" in of_pairs()


def test_items_that_are_taken_for_all_there_are_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    world = ItemWorld("differ much", 100, 0.0005, differ=2.0)
    assert missed(trials.of_items, world, 10, 200) == set()
    right = seeds_and_items._over_items
    monkeypatch.setattr(seeds_and_items, "_over_items", lambda mean, item, *rest: right(mean, 0.0, *rest))
    assert missed(trials.of_items, world, 10, 200) >= {"seeds × items, paired", "BETTER"}


def test_a_family_whose_tests_are_taken_one_by_one_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = ValueWorld("alike", (PLAIN,) * 4)
    pairs = ((1, 0), (2, 0), (3, 0))
    monkeypatch.setattr(corrected, "holm", lambda ps, tests=None: tuple(ps))
    assert missed(trials.of_values, alike, pairs, 5, 300) == {"BETTER"}


def test_looking_again_with_a_plain_interval_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    world, looks = ValueWorld("normal", (PLAIN, PLAIN)), range(5, 30)
    assert missed(trials.interval_at_each, world, looks, 200) == set()
    plain = lambda evidence, level: evidence.se * t_critical(level / 2, evidence.df)  # noqa: E731
    monkeypatch.setattr(SeedEvidence, "reach", plain)
    assert missed(trials.interval_at_each, world, looks, 200) == {"anytime interval, at every look"}


def test_a_fishers_questions_are_judged_by_what_was_asked_before_and_as_if_each_were_the_first() -> None:
    """Arm 2 lies far from the others. By a metric that is named later nothing may be said of it, else anything."""
    world = ValueWorld("", (PLAIN, PLAIN, Law(mean=20.0)))
    far, near = ((2, 1),), ((1, 0),)
    with only_what_verdicts_rest_on():
        for asks, expected in (
            ((Ask(far),), (8, 8)),
            ((Ask(near), Ask(far)), (8, 8)),
            ((Ask(near), Ask(far, metric=1)), (0, 8)),
        ):
            shares = {share.question: share.hits for share in fished(world, asks, 8, RNG(1)).shares}
            assert (shares[questions.EITHER], shares[AS_FIRST]) == expected


# Is what is simulated what it is said to be?


def test_verdicts_are_those_of_a_whole_comparison() -> None:
    """With all numbers that are left out here, and read from a result table."""
    rng = RNG(3)
    values = rng.normal([[0.0], [1.5]], [[1.0], [3.0]], (2, 12))
    none = np.zeros(12, bool)
    arms = [arm_of_values(name, values_S, none) for name, values_S in zip("ab", values, strict=True)]
    whole = compare(table_of_values(dict(zip("ab", values, strict=True)), OF_VALUES.name, margin=400))
    assert essence(judged(arms, ONE_PAIR, rules(OF_VALUES, 4.0))) == essence(whole.pairs)
    correct = rng.random((2, 12, 300)) < np.array([0.7, 0.9])[:, None, None]
    items = [arm_of_items(name, correct_SN) for name, correct_SN in zip("ab", correct, strict=True)]
    whole = compare(table_of_items(dict(zip("ab", correct, strict=True))))
    with only_what_verdicts_rest_on():  # what is left out needs predictions
        found = essence(judged(items, ONE_PAIR, rules(OF_ITEMS, None)))
    assert found == essence(whole.pairs)
    assert found[0] == "BETTER"


def test_an_arm_of_which_a_run_stalled_is_compared_in_pairs_as_a_whole_comparison_does() -> None:
    """By accuracy on items: one of 12 runs says one class of all. Nearly all of the rest goes by seed."""
    rng, difficulty = RNG(3), RNG(4).uniform(0.6, 1, 300)
    luck = rng.normal(0, 0.03, (12, 1))
    correct = [rng.random((12, 300)) < difficulty + luck + lead for lead in (0.0, 0.02)]
    correct[1][3] = np.arange(300) % 2 == 0
    whole = compare(table_of_items(dict(zip("ab", correct, strict=True))))
    assert [arm.stalled for arm in whole.arms] == [0, 1]
    has_stalled = np.arange(12) == 3
    arms = [
        arm_of_values(name, runs.mean(1), stalled)
        for name, runs, stalled in zip("ab", correct, (np.zeros(12, bool), has_stalled), strict=True)
    ]
    (found,) = judged(arms, ONE_PAIR, rules(OF_VALUES, None))
    assert (found.paired, whole.pairs[0].paired) == (True, True)
    assert found.numbers is not None
    assert whole.pairs[0].numbers is not None
    assert found.numbers.fixed_items == whole.pairs[0].numbers.fixed_items
    assert found.notes == whole.pairs[0].notes


def test_what_is_true_of_macro_f1_on_some_items_is_what_many_runs_reach_there() -> None:
    world = ItemWorld("differ much", 200, 0.0015, differ=2.0)
    rare_N, kinds_N = np.arange(200) % 5 == 0, world.draw_items(RNG(0))
    reached = [
        macro_f1(*right(correct_SN, rare_N), rare_N) for correct_SN in world.draw_runs(kinds_N, RNG(1), 4000)
    ]
    correct_SN = world.draw_runs(kinds_N, RNG(1), 1)[0]
    says_rare_N = np.where(correct_SN[0], rare_N, ~rare_N)
    as_trained = scores(np.log(np.where(says_rare_N[:, None] == [False, True], 0.8, 0.2)), rare_N.astype(int))
    assert macro_f1(*right(correct_SN, rare_N), rare_N) == pytest.approx([as_trained["macro_f1"]])
    for values_S, mean in zip(reached, expected(world, kinds_N, rare_N), strict=True):
        assert mean == pytest.approx(values_S.mean(), abs=4 * values_S.std() / 4000**0.5)


def test_a_verdict_by_macro_f1_that_is_simulated_says_of_which_items_it_is() -> None:
    values = RNG(0).normal([[0.8], [0.9]], 0.01, (2, 6))
    arms = [arm_of_predictions(name, values_S, 200) for name, values_S in zip("ab", values, strict=True)]
    (found,) = judged(arms, ONE_PAIR, rules(OF_VALUES, None))
    assert " on these 200 items " in found.verdicts[0].sentence


def test_macro_f1s_verdicts_hold_on_their_items_and_would_not_on_new_ones() -> None:
    world = ItemWorld("differ much", 200, 0.0005, differ=2.0)
    assert missed(of_macro_f1, world, 5, 80) == {OF_NEW.of}


def test_a_rule_of_stalling_that_asks_each_run_alone_is_seen_to_take_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """On 40 items some of the runs that are right 3 times in 4 lead by less than three of their standard errors."""

    def taken() -> float:
        shares = of_learning(LearningWorld(0.75, 40), 5, 8, RNG(1)).shares
        return next(share.share for share in shares if share.question == TAKEN)

    together, by_itself = taken(), learning.stalled_seeds
    monkeypatch.setattr(
        learning, "stalled_seeds", lambda leads: set().union(*(by_itself({0: run}) for run in leads.values()))
    )
    assert (together, taken() > 0.25) == (0, True)


def test_runs_that_learn_are_right_as_often_as_is_said_and_as_sure_as_they_are_right() -> None:
    for accuracy in (0.65, 0.88):
        p_N = np.array([LearningWorld(accuracy, 400).draw(RNG(number), 60).mean(0) for number in range(20)])
        assert p_N.mean() == pytest.approx(accuracy, abs=0.01)
        assert (p_N * (1 - p_N)).mean() * 60 / 59 == pytest.approx((1 - accuracy) / 2, abs=0.005)


def essence(pairs: tuple[PairComparison, ...]) -> list[object]:
    return [(v.kind, v.p, v.interval)[part] for pair in pairs for v in pair.verdicts for part in range(3)]


def test_laws_have_the_mean_and_the_deviation_that_they_state() -> None:
    for law in (Law(skewed, 2.0, 3.0), Law(stalls=0.1), Law(mean=1.0), Law(even), Law(heavy)):
        drawn = ValueWorld("", (law, law), correlation=0.0).draw(RNG(0), 100, 2000).values_RAS
        assert drawn.mean() == pytest.approx(law.true_mean, abs=0.02 * law.true_sd)
        assert drawn.std() == pytest.approx(law.true_sd, rel=0.02)


@pytest.mark.parametrize("correlation", [0.9, -0.5])
def test_arms_are_correlated_as_stated(correlation: float) -> None:
    drawn = ValueWorld("", (PLAIN, PLAIN), correlation=correlation).draw(RNG(0), 1, 20_000).values_RAS[0]
    assert np.corrcoef(drawn)[0, 1] == pytest.approx(correlation, abs=0.02)
    assert drawn.std(1) == pytest.approx(1, abs=0.02)


def test_fewer_items_have_the_variances_of_all_in_the_same_ratio() -> None:
    """Of a run's accuracy: by hand from the kinds of items, and as simulated."""
    few = ItemWorld("few", 500, 0.0015, differ=0.5)
    accuracies = np.array([few.draw(RNG(number), 50)[0].mean(1) for number in range(60)])
    kinds_p = few._kinds[0]
    coins = float((kinds_p * (1 - kinds_p)).mean()) / 500
    assert accuracies.var(1, ddof=1).mean() == pytest.approx(coins + 0.0015**2 * ALL_ITEMS / 500, rel=0.06)
    assert 1 - accuracies.mean() == pytest.approx(0.12, abs=0.01)
    assert coins * 500 == pytest.approx((1 - accuracies.mean()) / 2, rel=0.1)


def test_arms_that_differ_by_item_do_not_differ_over_all_items_but_by_their_lead() -> None:
    for lead in (0.0, 0.004):
        world = ItemWorld("", 500, 0.0, differ=2.0, lead=lead)
        p_2K = world._kinds[0].astype(float)
        assert p_2K[0].mean() - p_2K[1].mean() == pytest.approx(world.difference, abs=1e-6)
