"""Google's storage on loopback: as much of its JSON API as a store uses, with the condition on writing."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from loopback_storage import LoopbackStorage, StartResponse

PAGE = 1000
"""As many names as one answer holds."""


class GoogleServer(LoopbackStorage):
    protocol, put = "gs", "POST"

    def __init__(self) -> None:
        super().__init__()
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.environment = {"STORAGE_EMULATOR_HOST": self.address}

    def make_bucket(self, name: str) -> None:
        self.buckets[name] = {}

    def answered(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, body = self._carried_out(environ["REQUEST_METHOD"], environ["PATH_INFO"], asked, sent)
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def refusal(self, code: str) -> tuple[dict[str, str], str]:
        return {"Content-Type": "application/json"}, json.dumps({"error": {"message": code}})

    def _carried_out(self, method: str, path: str, asked: dict[str, str], sent: bytes) -> tuple[str, bytes]:
        path = path.encode("latin-1").decode()  # as WSGI has it
        bucket, _, name = path.partition("storage/v1/b/")[2].partition("/o")
        name, objects = name.removeprefix("/"), self.buckets.get(bucket)
        if objects is None:
            return "404 Not Found", self.refusal("The specified bucket does not exist.")[1].encode()
        if method == "POST":
            return self._written(objects, asked, sent)
        if not name:
            return "200 OK", json.dumps(_listing(objects, asked)).encode()
        if name not in objects:
            return "404 Not Found", f"No such object: {bucket}/{name}".encode()
        if method == "DELETE":
            del objects[name]
            return "204 No Content", b""
        assert asked == {"alt": "media"}
        return "200 OK", objects[name]

    def _written(self, objects: dict[str, bytes], asked: dict[str, str], sent: bytes) -> tuple[str, bytes]:
        # Two parts: what the object is called, and what is in it.
        assert asked["uploadType"] == "multipart"
        boundary = sent.partition(b"\n")[0]
        facts, _, rest = sent.partition(b"\n\n")[2].partition(b"\n" + boundary + b"\n")
        data = rest.partition(b"\n\n")[2].removesuffix(b"\n" + boundary + b"--")
        name = json.loads(facts)["name"]
        if name in objects and asked.get("ifGenerationMatch") == "0" and self.heeds_conditions:
            return "412 Precondition Failed", self.refusal("conditionNotMet")[1].encode()
        objects[name] = data
        return "200 OK", json.dumps({"name": name, "size": str(len(data)), "generation": "1"}).encode()


def _listing(objects: dict[str, bytes], asked: dict[str, str]) -> dict[str, Any]:
    after = asked.get("pageToken", "")
    there = sorted(name for name in objects if name.startswith(asked.get("prefix", "")) and name > after)
    items = [{"name": name, "size": str(len(objects[name]))} for name in there[:PAGE]]
    more = {"nextPageToken": there[PAGE - 1]} if len(there) > PAGE else {}
    return {"kind": "storage#objects", "items": items, **more}
