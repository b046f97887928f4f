"""A proxy on loopback that does to HTTP what networks, overloaded servers and dying machines do to it.

    with FaultyProxy(server.port) as proxy:
        proxy.faults = first_of_each(LOST_ANSWER)
        ...                                          # proxy.uri is the server, with faults
        proxy.faults = sound

What befalls a request is asked of `faults`, a function of its method and path, when it comes in.
"""

import http.client
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self


@dataclass(frozen=True)
class Fault:
    """What becomes of one request."""

    delay_s: float = 0.0
    """Before the answer, if the server does the work; then it has done it by then."""
    arrives: bool = True
    """Whether the server gets to see it."""
    answer: Literal["whole", "none", "cut"] = "whole"
    """`none`: the connection is dropped. `cut`: half of the body, then the connection is dropped."""
    status: int = 0
    """In place of the server's, with a body that is no JSON."""


Faults = Callable[[str, str], Fault]

SOUND = Fault()
LOST_ANSWER = Fault(answer="none")
LOST_REQUEST = Fault(arrives=False, answer="none")
CUT_ANSWER = Fault(answer="cut")
REFUSED_WORK = Fault(arrives=False, status=503)
FAILED_AFTER_THE_WORK = Fault(status=500)


def sound(method: str, path: str) -> Fault:
    return SOUND


def always(fault: Fault) -> Faults:
    return lambda method, path: fault


def sometimes(share: float, *faults: Fault, seed: int) -> Faults:
    """Each request meets one of the faults with this probability."""
    dice = random.Random(seed)
    return lambda method, path: dice.choice(faults) if dice.random() < share else SOUND


def first_of_each(fault: Fault) -> Faults:
    """The first request to each path, ids left out, meets the fault; so each kind of call fails once."""
    met: set[str] = set()

    def decide(method: str, path: str) -> Fault:
        kind = f"{method} {re.sub('[0-9a-f]{32}', '…', path.partition('?')[0])}"
        if kind in met:
            return SOUND
        met.add(kind)
        return fault

    return decide


class FaultyProxy:
    """Stands in front of the server at a port of this machine."""

    def __init__(self, upstream_port: int):
        self.faults: Faults = sound
        self.requests: list[str] = []
        """Method and path of all that came in."""
        self.upstream_port = upstream_port
        self._server = self._listen(0)
        self.port: int = self._server.server_address[1]

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """While inside, nobody listens: connections are refused."""
        self._close()
        try:
            yield
        finally:
            self._server = self._listen(self.port)

    def _listen(self, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"proxy": self}))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), name="faulty proxy", daemon=True).start()
        return server

    def _close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection for one request, so that closing the port refuses all that comes later."""

    proxy: FaultyProxy

    def do_GET(self) -> None:
        self.proxy.requests.append(f"{self.command} {self.path}")
        self.serve(self.proxy.faults(self.command, self.path), self.proxy.upstream_port)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_: object) -> None:
        pass

    def serve(self, fault: Fault, upstream_port: int) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, answer = fault.status or 500, {"Content-Type": "text/html"}, b"<h1>It is not well</h1>"
        if fault.arrives:
            done = self._forward(body, upstream_port)
            if not fault.status:
                status, headers, answer = done
        time.sleep(fault.delay_s)
        if fault.answer == "none":
            return self._drop()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer if fault.answer == "whole" else answer[: len(answer) // 2])
        self.wfile.flush()
        if fault.answer == "cut":
            self._drop()
        return None

    def _forward(self, body: bytes, upstream_port: int) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", upstream_port, timeout=60)
        passed = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        try:
            upstream.request(self.command, self.path, body, passed)
            answer = upstream.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() == "content-type"}
            return answer.status, kept, answer.read()
        except OSError:
            return 502, {"Content-Type": "text/html"}, b"<h1>Nobody is there</h1>"
        finally:
            upstream.close()

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
