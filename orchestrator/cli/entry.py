"""The `seedwise` command, and what becomes of errors.

Exit codes: 0 all is well; 1 cells are not finished, or what was examined is broken; 2 the user can mend it (said on
standard error, without a traceback); 128 + n ended by signal n, in order: 130 by Ctrl-C, 143 by SIGTERM, 138 by
SIGUSR1 (on Linux).
"""

import os
import sys


def main(arguments=None):  # type: ignore[no-untyped-def]
    """Run the command line; leaves by SystemExit."""
    is_process = arguments is None  # else a program calls this, whose signals and whose end are its own
    if is_process:
        from orchestrator.cli.early_end import end_early

        end_early()
    from orchestrator.cli.requirements import complaint

    missing = complaint()
    if missing:
        print("error: " + missing, file=sys.stderr)
        sys.exit(2)
    # Not before the check above: these lines, and what they import, need the versions that it asks for.
    from orchestrator.cli.app import app
    from orchestrator.cli.standard_streams import outliving_streams
    from trainables.errors import UserError

    with outliving_streams():
        try:
            app(arguments, prog_name="seedwise")
        except UserError as error:
            print("error: " + str(error), file=sys.stderr)
            sys.exit(2)
        except SystemExit as end:
            if is_process and isinstance(end.code, int) and end.code > 128:
                # Asked to end: Python itself would wait for what goes on in threads, such as an import of MLflow.
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code)
            raise
