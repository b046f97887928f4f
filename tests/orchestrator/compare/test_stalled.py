"""Which runs count as stalled: by the metric that decides, and by what so few items can tell."""

import numpy as np
import pandas as pd
import pytest
from made_up_runs import of_items

from orchestrator.compare import compare
from orchestrator.compare.stalled import HEEDLESS, Lead, judged_by, lead, stalled_seeds
from trainables.evaluation import METRICS, scores

RNG = np.random.default_rng
BETTER_IS_LOWER = ("nll", "brier")


def predictions(logits_NC: np.ndarray, labels_N: np.ndarray) -> pd.DataFrame:
    log_probabilities_NC = logits_NC - np.log(np.exp(logits_NC).sum(1, keepdims=True))
    columns = {f"log_probability_{label}": column for label, column in enumerate(log_probabilities_NC.T)}
    return pd.DataFrame({"label": labels_N, **columns})


def lead_of(logits_NC: np.ndarray, labels_N: np.ndarray, base: str) -> Lead:
    return lead(predictions(logits_NC, labels_N), base, "the same")


def rare(rng: np.random.Generator, apart: float, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels of 2,000 items, 1 in 20 of the second class."""
    labels_N = (np.arange(2000) % 20 == 0).astype(int)
    logit_N = rng.standard_normal(2000) + apart * labels_N - threshold
    return np.stack([np.zeros(2000), logit_N], axis=1), labels_N


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("base", ["accuracy", "macro_f1", "nll", "brier", "auroc"])
def test_a_lead_is_how_far_the_metric_is_from_that_of_a_model_that_heeds_no_input(base: str, classes: int) -> None:
    rng = RNG(1)
    labels_N = rng.choice(classes, 500, p=[0.5, 0.3, 0.2][:classes] if classes == 3 else [0.7, 0.3])
    logits_NC = rng.standard_normal((500, classes)) + 1.5 * np.eye(classes)[labels_N]
    logits_NC -= np.log(np.exp(logits_NC).sum(1, keepdims=True))
    shares_C = np.bincount(labels_N) / 500
    heedless = np.tile(np.log(shares_C), (500, 1))
    guessed = 1 / classes if base == "macro_f1" else scores(heedless, labels_N)[base]
    expected = scores(logits_NC, labels_N)[base] - guessed
    found = lead_of(logits_NC, labels_N, base)
    assert found.lead == pytest.approx(-expected if base in BETTER_IS_LOWER else expected)
    assert lead_of(heedless, labels_N, base).lead <= 1e-12


@pytest.mark.parametrize("base", ["accuracy", "macro_f1", "nll", "brier", "auroc"])
def test_the_luck_on_each_item_adds_up_to_how_far_leads_scatter(base: str) -> None:
    """Labels as they are, predictions drawn anew: 600 draws tell a standard deviation to 3 %."""
    rng, leads = RNG(2), []
    labels_N = np.repeat([0, 1, 2], [100, 60, 40])
    for _ in range(600):
        leads.append(lead_of(rng.standard_normal((200, 3)) + 1.2 * np.eye(3)[labels_N], labels_N, base))
    scatter = np.std([found.lead for found in leads])
    assert np.mean([np.linalg.norm(found.errors_N) for found in leads]) == pytest.approx(scatter, rel=0.12)


def test_every_metric_that_may_decide_tells_a_run_that_has_learnt_from_one_that_has_not() -> None:
    rng = RNG(3)
    labels_N = np.arange(400) % 2
    noise_NC = rng.standard_normal((400, 2))
    for base in (*METRICS, "loss"):
        assert judged_by(base) in HEEDLESS
        learnt, not_learnt = (lead_of(noise_NC + by * np.eye(2)[labels_N], labels_N, base) for by in (1.5, 0.0))
        assert (stalled_seeds({0: learnt}), stalled_seeds({0: not_learnt})) == (set(), {0}), base


def test_a_run_that_is_much_too_sure_has_learnt_by_calibration_error_and_not_by_nll() -> None:
    labels_N = np.arange(400) % 2
    logits_NC = 20 * (RNG(9).standard_normal((400, 2)) + 1.5 * np.eye(2)[labels_N])
    assert not stalled_seeds({0: lead_of(logits_NC, labels_N, "ece")})
    assert stalled_seeds({0: lead_of(logits_NC, labels_N, "nll")})


def test_no_guessing_has_a_better_macro_f1_than_that_at_the_classes_own_shares() -> None:
    labels_N = np.repeat([0, 1], [30_000, 10_000])
    draws_N = RNG(8).random(40_000)
    reached = {
        share: lead_of(
            np.stack([np.zeros(40_000), np.where(draws_N < share, 1.0, -1.0)], 1), labels_N, "macro_f1"
        ).lead
        for share in (0.0, 0.1, 0.2, 0.25, 0.3, 0.5)
    }
    assert max(reached, key=reached.__getitem__) == 0.25
    assert reached[0.25] == pytest.approx(0, abs=0.01)


def test_a_good_model_of_a_rare_class_has_not_stalled_by_the_metric_that_decides() -> None:
    """Nearly all that it says is the frequent class, and its accuracy no more than that class's share."""
    rng = RNG(4)
    runs = [rare(rng, 2.2, 4.0) for _ in range(5)]
    assert all(stalled_seeds({0: lead_of(*run, "accuracy")}) for run in runs)
    assert not stalled_seeds({n: lead_of(*run, "auroc") for n, run in enumerate(runs)})
    weighted = [rare(rng, 3.0, 1.8) for _ in range(5)]
    assert not stalled_seeds({n: lead_of(*run, "macro_f1") for n, run in enumerate(weighted)})


@pytest.mark.parametrize(("items", "accuracy"), [(24, 0.79), (50, 0.7)])
def test_ordinary_runs_on_few_items_have_not_stalled(items: int, accuracy: float) -> None:
    """Three standard errors above the half are 81 and 71 %, which many of these do not reach by themselves."""
    rng = RNG(5)
    arms = {name: [rng.random(items) < accuracy for _ in range(10)] for name in "ab"}
    assert [arm.stalled for arm in compare(of_items(arms)).arms] == [0, 0]
    below = [run for runs in arms.values() for run in runs if run.mean() <= 0.5 + 1.5 / np.sqrt(items)]
    assert len(below) >= 5
    constant = np.arange(items) % 2 == 0
    arms["b"][3] = constant
    assert [arm.stalled for arm in compare(of_items(arms)).arms] == [0, 1]


def test_an_arm_of_which_all_stalled_does_not_speak_for_its_runs() -> None:
    rng = RNG(6)
    runs = [rng.random(400) < 0.5 for _ in range(10)]
    assert compare(of_items({"a": runs, "b": [rng.random(400) < 0.8 for _ in range(10)]})).arms[0].stalled == 10
    # Nor does one good run for nine that learnt nothing.
    mixed = [rng.random(400) < 0.9, *runs[1:]]
    assert compare(of_items({"a": mixed, "b": mixed[:1]})).arms[0].stalled == 9


def test_runs_far_below_take_what_the_others_are_together() -> None:
    """Six lead by 2.5 of their standard errors, and all ten by less than nothing, though the median run leads."""
    leads = {seed: Lead(0.2 if seed < 6 else -0.5, np.full(4, 0.04), str(seed)) for seed in range(10)}
    assert len(stalled_seeds(leads)) == 10


def test_luck_that_runs_share_is_none_between_them() -> None:
    """On the same items with the same luck, .24 at three standard errors, a run that leads by .21 lies behind."""
    leads = {seed: Lead(0.5 if seed < 4 else 0.21, np.full(4, 0.04), "the same") for seed in range(5)}
    assert stalled_seeds(leads) == {4}


@pytest.mark.parametrize(("items", "stalled"), [(["the same"] * 10, 10), (list("abcdefghij"), 0)])
def test_luck_on_items_of_ones_own_evens_out_over_runs(items: list[str], stalled: int) -> None:
    """Each run leads by 2.5 standard errors; on the same items with the same luck, all together do no more."""
    leads = {seed: Lead(0.2, np.full(4, 0.04), own) for seed, own in enumerate(items)}
    assert len(stalled_seeds(leads)) == stalled
