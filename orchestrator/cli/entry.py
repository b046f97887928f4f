"""The `seedwise` command, and what becomes of errors.

Exit codes: 0 all is well; 1 cells are not finished; 2 the user can mend it (said on standard error, without a
traceback); 130 interrupted by Ctrl-C.
"""

import sys

from orchestrator.cli.requirements import complaint


def main(arguments=None):  # type: ignore[no-untyped-def]
    """Run the command line; leaves by SystemExit."""
    missing = complaint()
    if missing:
        print("error: " + missing, file=sys.stderr)
        sys.exit(2)
    # Not before the check above: these lines, and what they import, need the versions that it asks for.
    from orchestrator.cli.app import app
    from trainables.errors import UserError

    try:
        app(arguments, prog_name="seedwise")
    except UserError as error:
        print("error: " + str(error), file=sys.stderr)
        sys.exit(2)
