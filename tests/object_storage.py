"""An S3 of one's own: moto's server on loopback, with faults on demand."""

import functools
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.loaders import JSONFileLoader
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

# Most of a client's start is reading botocore's descriptions of all services; each test starts its own clients.
_load_once = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
JSONFileLoader.load_file = lambda _, path: _load_once(path)

App = Callable[..., Iterable[bytes]]


class S3Server:
    """Serves from `with` on. One request at a time: moto looks and then writes, where S3 decides in one step."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        """`PUT /bucket/name`, as they came."""
        self.most_at_once = 0
        """How many requests were there side by side."""
        self.heeds_conditions = True
        """Some that call themselves S3 do not, and write over what is there."""
        self._here = 0
        self._app: App = DomainDispatcherApplication(create_backend_app)
        self._lock = threading.Lock()
        self._faults: list[tuple[str, str]] = []
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        self._buckets = 0
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "a secret of the tests",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        """What a client must find in its environment."""

    def __enter__(self) -> "S3Server":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()

    def new_bucket(self) -> str:
        """The name of one that is empty."""
        self._buckets += 1
        name = f"bucket-{self._buckets}"
        asked = urllib.request.Request(f"{self.environment['AWS_ENDPOINT_URL']}/{name}", method="PUT")
        urllib.request.urlopen(asked).close()
        return name

    def lose_answer(self, method: str) -> None:
        """Do what the next such request asks for, and drop the connection instead of answering."""
        self._faults.append((method, "lose"))

    def answer(self, method: str, status: str, code: str) -> None:
        """Refuse the next such request, doing nothing: `503 Service Unavailable`, `SlowDown`."""
        self._faults.append((method, f"{status}|{code}"))

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """The requests that come inside."""
        before = len(self.requests)
        seen: list[str] = []
        yield seen
        seen += self.requests[before:]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        method = environ["REQUEST_METHOD"]
        if not self.heeds_conditions:
            environ.pop("HTTP_IF_NONE_MATCH", None)
        self._here += 1
        self.most_at_once = max(self.most_at_once, self._here)
        with self._lock:
            self._here -= 1
            self.requests.append(f"{method} {environ['PATH_INFO']}")
            fault = next((fault for wanted, fault in self._faults if wanted == method), "")
            if fault:
                self._faults.remove((method, fault))
            if "|" in fault:
                status, code = fault.split("|")
                start_response(status, [("Content-Type", "application/xml")])
                return [f"<Error><Code>{code}</Code><Message>as asked for</Message></Error>".encode()]
            answered = list(self._app(environ, start_response))
            if fault:
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return answered


class _Quiet(MotoRequestHandler):
    def log(self, *_: Any) -> None:
        pass
