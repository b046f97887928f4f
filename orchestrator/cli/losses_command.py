"""The command `losses`; apart from the others because it has no home and no sweep."""

from orchestrator.cli.options import JsonOption


def losses(as_json: JsonOption = False) -> None:
    """List the losses: formula, output layer, settings with their defaults, and source.

    A sweep file names one, loss: cross_entropy, or gives it settings, loss: {name: cross_entropy, label_smoothing:
    0.1}. All have the settings of the head.
    """
    from orchestrator.cli.loss_list import print_losses

    print_losses(as_json)
