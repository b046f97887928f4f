"""`seedwise plan`, `run` and `resume`: their options; the work is next door.

The rooms that do the work import torch, Ray and MLflow, which takes seconds: they are imported when a command runs,
so that `--help` answers at once.
"""

from orchestrator.cli.options import (
    AddressOption,
    HomeOption,
    JsonOption,
    SeedsOption,
    SetOption,
    SmokeOption,
    SweepArgument,
    TrackingOption,
    home_at,
)


def plan(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a sweep would do, and what it costs. Launches nothing."""
    from orchestrator.cli.preview import print_preview
    from orchestrator.sweep_file import load_sweep

    print_preview(load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke), home_at(home), as_json)


def run(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
) -> None:
    """Start a sweep, or go on with it: what is done is not trained again."""
    from orchestrator.cli.carry_out import carry_out
    from orchestrator.sweep_file import load_sweep

    carry_out(load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke), home_at(home), tracking_uri, address)


def resume(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
) -> None:
    """Go on with a sweep that has been run before; like run, but refuses one that it does not know."""
    from orchestrator.cli.carry_out import carry_out, refuse_unknown
    from orchestrator.sweep_file import load_sweep

    loaded = load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke)
    refuse_unknown(loaded.spec.name, home_at(home))
    carry_out(loaded, home_at(home), tracking_uri, address)
