"""What object storage says when it does not do what it was asked: sorted, and put into words.

Each client has errors of its own; fsspec's file systems turn some of them into Python's, with the client's behind
them as the cause. They are told apart by what they have in common: the answer's status, its code, their names.
"""

from collections.abc import Iterator
from typing import Any

from rich.filesize import decimal

from orchestrator.store.base import StoreError
from orchestrator.store.kinds import Kind

WORTH_ANOTHER_TRY = (408, 409, 425, 429)
"""Statuses that pass by themselves, beside 500 and above. 409: another's write to that name was under way."""

NO_CREDENTIALS = ("Credential", "ProfileNotFound", "ClientAuthenticationError", "SSO", "TokenRetrieval", "Login")
"""What is in the names of the errors of clients that find none, or one session that is over."""

LASTING = (FileExistsError, FileNotFoundError, PermissionError, ImportError, ValueError, TypeError)


def exists_already(error: BaseException) -> bool:
    """Whether a conditional put was refused because the name exists."""
    # Not every S3 says which condition did not hold, without which s3fs takes it for some other failure.
    return isinstance(error, FileExistsError) or _status(error) == 412


def bucket_is_missing(error: BaseException) -> bool:
    """Of two things that may not be found: no bucket is an error, no record is not."""
    return _code(error) in ("NoSuchBucket", "ContainerNotFound")


def may_pass(error: BaseException) -> bool:
    """Whether the same call may work a moment later."""
    if any(getattr(each, "retryable", False) for each in _chain(error)):
        return True  # Google's credentials could not be renewed for a moment, which comes as a 401
    status = _status(error)
    if status is not None:
        return status in WORTH_ANOTHER_TRY or (status >= 500 and status not in (501, 507))
    return isinstance(error, Exception) and not isinstance(error, LASTING) and not _lacks_credentials(error)


def refusal(error: BaseException, where: str, verb: str, size: int | None, kind: Kind) -> StoreError:
    """The error in words, with what to do about it. `size`: of the record that was to be written."""
    status = _status(error)
    said = " ".join(str(error).split())[:300] or type(error).__name__
    bucket = "/".join(where.split("/")[:3])
    what = where if size is None else f"{where} ({decimal(size)})"
    if isinstance(error, ImportError):
        why = f"the package {kind.package} is missing ({said}); pip install 'seedwise[{kind.extra}]'"
    elif isinstance(error, FileNotFoundError) or bucket_is_missing(error):
        why = f"there is no bucket {bucket}; make it first, or name another with --store"
    elif _lacks_credentials(error):
        why = f"no valid credentials for it are found ({said}); set or renew them: {kind.credentials}"
    elif isinstance(error, PermissionError) or status in (401, 403):
        why = (
            f"access is refused ({said}); check the credentials in the environment ({kind.credentials}), that "
            "they have not expired, and that they allow to list, read, write and delete there"
        )
    elif status == 501:
        why = f"it cannot write on a condition ({said}), which keeps records from being overwritten; use another"
    elif status is None and may_pass(error):
        why = f"it does not answer ({said}); check the network, and {kind.endpoint} where it is not the usual one"
    else:
        why = f"it answers {status}: {said}" if status else said
    return StoreError(f"{what} cannot be {verb}: {why}. What was stored before is untouched")


def _lacks_credentials(error: BaseException) -> bool:
    names = [type(each).__name__ for each in _chain(error)]
    # Azure's clients call a refusal by the storage so, too.
    names = [name for name in names if name != "ClientAuthenticationError" or _status(error) is None]
    return any(mark in name for name in names for mark in NO_CREDENTIALS)


def _status(error: BaseException) -> int | None:
    """The answer's HTTP status; None where there was no answer."""
    found = [_response(error).get("ResponseMetadata", {}).get("HTTPStatusCode")]
    found += [getattr(each, name, None) for each in _chain(error) for name in ("status_code", "status", "code")]
    return next((int(status) for status in found if str(status).isdecimal()), None)


def _code(error: BaseException) -> str:
    code = _response(error).get("Error", {}).get("Code")
    codes = [code, *(getattr(each, "error_code", None) for each in _chain(error))]
    return next((str(getattr(code, "value", code)) for code in codes if code), "")


def _response(error: BaseException) -> dict[str, Any]:
    """What botocore makes of an answer; empty where it was another client's, or there was none."""
    responses = [getattr(each, "response", None) for each in _chain(error)]
    return next((response for response in responses if isinstance(response, dict)), {})


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
