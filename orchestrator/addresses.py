"""Addresses of MLflow, and text that names one, as they may be kept and shown: without what may be secret in them.

A server's secret stands before the @, with a user's name or alone (a token); a database's password there or in the
query. What a database's address has before the @ without a colon is a name.
"""

import re

ADDRESS = re.compile(
    r"""(?P<scheme>[A-Za-z][\w+.-]*)://
        (?P<who>\S*@)?          # to the last @: a password may hold one, and / and ?, though it should not
        (?P<place>[^\s?\#'"]*)
        (?P<more>[?\#][^\s'"]*)?""",
    re.VERBOSE,
)
HIDDEN = "***"

BETTER_SET = (
    "ADDRESS is not shown, for it may hold a secret; that is better set in the environment: "
    "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, for a server"
)


def shown(text: str) -> str:
    """The text, an address or what some library says of one, with asterisks for whatever may be secret."""
    return ADDRESS.sub(_hidden, text)


def holds_secret(address: str) -> bool:
    """Whether it may hold one, so that it is to be kept nowhere."""
    return shown(address) != address


def to_type(address: str) -> str:
    """What stands for it in a command that is printed."""
    return "ADDRESS" if holds_secret(address) else address


def _hidden(found: re.Match[str]) -> str:
    scheme, who, more = found["scheme"], found["who"] or "", found["more"]
    if scheme in ("sqlite", "file"):  # a path, which may hold any of these signs
        return found[0]
    if ":" in who or (who and scheme in ("http", "https")):
        who = f"{HIDDEN}@"
    return f"{scheme}://{who}{found['place']}{more[0] + HIDDEN if more else ''}"
