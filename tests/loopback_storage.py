"""An object storage of one's own on loopback, with faults on demand, whatever interface it speaks."""

import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

StartResponse = Callable[..., Any]


class LoopbackStorage(ABC):
    """Serves from `with` on. One request at a time, so that each is decided in one step."""

    environment: dict[str, str]
    """What a client must find in its environment."""
    protocol: str
    put: str
    """The method that writes."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        """`PUT /bucket/name`, as they came."""
        self.most_at_once = 0
        """How many requests were there side by side."""
        self.heeds_conditions = True
        """Some that call themselves S3 do not, and write over what is there."""
        self._here = 0
        self._lock = threading.Lock()
        self._faults: list[tuple[str, str]] = []
        self._buckets = 0
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def make_bucket(self, name: str) -> None: ...

    @abstractmethod
    def answered(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """What the interface answers, after whatever it was asked to do is done."""

    @abstractmethod
    def refusal(self, code: str) -> tuple[dict[str, str], str]:
        """Headers and body of one, with the storage's own word for why."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()

    def new_bucket(self) -> str:
        """The URL of one that is empty."""
        self._buckets += 1
        self.make_bucket(name := f"bucket-{self._buckets}")
        return f"{self.protocol}://{name}"

    def forget_faults(self) -> None:
        """Those of an earlier test that never came to it."""
        self._faults.clear()

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

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        method = environ["REQUEST_METHOD"]
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
                headers, body = self.refusal(code)
                start_response(status, list(headers.items()))
                return [body.encode()]
            answered = list(self.answered(environ, start_response))
            if fault:
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return answered


class _Quiet(MotoRequestHandler):
    def log(self, *_: Any) -> None:
        pass
