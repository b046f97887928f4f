"""A warning of arms whose heads are meant to match, and do not where gradients are clipped."""

from orchestrator.spec import SweepSpec


def clipped_heads(spec: SweepSpec) -> str:
    """Empty where clipping is off, or all arms' heads are set alike."""
    configs = [cell.config for cell in spec.cells[: len(spec.arms)]]
    heads = {config.loss.head for config in configs}
    clipped = [config.training.clip_norm for config in configs if config.training.clip_norm is not None]
    if not clipped or len(heads) == 1:
        return ""
    return (
        f"arms differ in loss.head, and training.clip_norm is {clipped[0]:g}: a head of two rows has twice the "
        "squared gradient norm of one, so that heads that would match are clipped differently; set "
        "training.clip_norm=null"
    )
