"""S3 on loopback: moto's server, which looks and then writes, one request at a time."""

import functools
import urllib.request
from collections.abc import Iterable
from typing import Any

from botocore.loaders import JSONFileLoader
from loopback_storage import LoopbackStorage, StartResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

# Most of a client's start is reading botocore's descriptions of all services; each test starts its own clients.
_load_once = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
JSONFileLoader.load_file = lambda _, path: _load_once(path)


class S3Server(LoopbackStorage):
    protocol, put = "s3", "PUT"

    def __init__(self) -> None:
        super().__init__()
        self._app = DomainDispatcherApplication(create_backend_app)
        self.environment = {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "a secret of the tests",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def make_bucket(self, name: str) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/{name}", method="PUT")).close()

    def answered(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not self.heeds_conditions:
            environ.pop("HTTP_IF_NONE_MATCH", None)
        return self._app(environ, start_response)

    def refusal(self, code: str) -> tuple[dict[str, str], str]:
        body = f"<Error><Code>{code}</Code><Message>as asked for</Message></Error>"
        return {"Content-Type": "application/xml"}, body
