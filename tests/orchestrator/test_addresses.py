"""What of an address, or of a text that names one, is shown: enough to know it by, and nothing secret."""

import pytest

from orchestrator.addresses import holds_secret, shown, to_type
from orchestrator.record.reachable import UnreachableError
from orchestrator.record.refusals import in_words

HIDDEN = {
    "http://bob:s3cret@host:5000": "http://***@host:5000",
    "https://s3cret@host/mlflow": "https://***@host/mlflow",
    "http://bob:s3c/r?e@t@host": "http://***@host",
    "postgresql://bob:s3cret@host/runs": "postgresql://***@host/runs",
    "mysql+pymysql://host/runs?user=bob&password=s3cret": "mysql+pymysql://host/runs?***",
    "http://host:5000#s3cret": "http://host:5000#***",
}
PLAIN = (
    "http://127.0.0.1:5000",
    "http://[::1]:5000/mlflow",
    "postgresql://bob@host/runs",
    "sqlite:////home/bob@work/who?/mlflow.db",
    "databricks",
)


@pytest.mark.parametrize(("address", "said"), HIDDEN.items())
def test_what_may_be_secret_is_hidden_in_an_address_and_in_what_is_said_of_it(address: str, said: str) -> None:
    assert shown(address) == shown(said) == said
    assert holds_secret(address)
    assert to_type(address) == "ADDRESS"
    error = RuntimeError(f"API request to {address} failed with exception 503; and again")
    assert "s3c" not in in_words(error)
    assert in_words(error).startswith(f"RuntimeError: API request to {said} failed")
    assert str(UnreachableError(address, str(error))).count(said) == 2
    assert "s3c" not in str(UnreachableError(address, str(error)))


@pytest.mark.parametrize("address", PLAIN)
def test_an_address_without_a_secret_is_shown_as_it_is(address: str) -> None:
    assert shown(address) == to_type(address) == address
    assert not holds_secret(address)
    assert shown(f"no answer from {address}; why?") == f"no answer from {address}; why?"
