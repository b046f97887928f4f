"""Which arms are a 2 × 2 of the head."""

from made_up_runs import of_values
from planted_heads import LOSSES, planted, with_losses

from orchestrator.compare import compare
from orchestrator.compare.head_arms import head_arms


def test_arms_that_are_no_square_have_no_reasons() -> None:
    assert compare(of_values(planted(0.03, 0.0))).reasons == ()  # settings without a loss
    three = {arm: values for arm, values in planted(0.03, 0.0).items() if arm != "fast"}
    assert compare(with_losses(of_values(three))).reasons == ()


def test_a_square_is_of_arms_that_share_all_other_settings() -> None:
    settings = {
        f"{width} {arm}": {"loss": loss, "model": {"width": width}, "seed": 0}
        for width in (8, 16)
        for arm, loss in LOSSES.items()
    }
    of_8, of_16 = head_arms(settings)
    assert (of_8.plain, of_8.both, of_8.twin, of_16.fast) == ("8 bce", "8 both", "8 twin", "16 fast")
    settings["8 fast"]["model"] = {"width": 9}
    assert [found.plain for found in head_arms(settings)] == ["16 bce"]


def test_a_weighted_or_smoothed_loss_is_no_corner_of_a_plain_square() -> None:
    for more in ({"label_smoothing": 0.1}, {"pos_weight": [2.0]}):
        settings = {arm: {"loss": dict(loss), "seed": 0} for arm, loss in LOSSES.items()}
        settings["fast"]["loss"] |= more
        assert head_arms(settings) == ()
