"""`seedwise compare` and `ui`: looking at what has been run."""

from orchestrator.cli.options import HomeOption, JsonOption, KnownSweepArgument, TrackingOption, console, home_at


def compare(sweep: KnownSweepArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Print the table of a sweep's arms: n, failed, missing, min, mean, median, max, sd."""
    import dataclasses
    import json

    from orchestrator.compare import summarise
    from orchestrator.report import comparison_metrics
    from orchestrator.report.page import NO_VERDICT
    from orchestrator.report.tables import rich_table
    from orchestrator.results import ResultTable

    table = ResultTable.open(sweep, home_at(home).root)
    summaries = {metric: summarise(table.frame, metric) for metric in comparison_metrics(table)}
    if as_json:
        by_metric = {metric: [dataclasses.asdict(arm) for arm in arms] for metric, arms in summaries.items()}
        print(json.dumps({"sweep": table.name, "decides": table.deciding_metric, "metrics": by_metric}, indent=1))
        return
    out = console()
    for metric, arms in summaries.items():
        out.print(rich_table(arms, decides=metric == table.deciding_metric))
    out.print(NO_VERDICT)


def ui(home: HomeOption = None, tracking_uri: TrackingOption = None, port: int = 5000) -> None:
    """Open MLflow's page on the runs of this home."""
    import os

    from orchestrator.record import ui_command

    command = ui_command(tracking_uri or home_at(home).tracking_uri, port)
    console().print(f"http://127.0.0.1:{port} (Ctrl-C ends it)", markup=False)
    os.execvp(command[0], command)
