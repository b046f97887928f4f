"""Azure's storage on loopback: as much of its Blob service as a store uses, with the condition on writing.

What it was written after is Azurite, which the same tests are run against where it is at hand (`azurite.py`).
"""

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from loopback_storage import LoopbackStorage, StartResponse

ACCOUNT, KEY = "testing", base64.b64encode(b"a secret of the tests").decode()
PAGE = 5000
ALWAYS = {"ETag": '"0x1"', "Last-Modified": "Sat, 01 Jan 2000 00:00:00 GMT", "x-ms-version": "2025-01-05"}


class AzureServer(LoopbackStorage):
    protocol, put = "az", "PUT"

    def __init__(self) -> None:
        super().__init__()
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.folders: set[str] = set()
        """Names of objects that stand for a folder, as an account with real folders has them."""
        self.environment = {
            "AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};"
            f"AccountKey={KEY};BlobEndpoint={self.address}/{ACCOUNT};"
        }

    def make_bucket(self, name: str) -> None:
        self.buckets[name] = {}

    def answered(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, headers, body = self._carried_out(environ, data)
        headers |= ALWAYS | {"Content-Length": str(len(body))}
        start_response(status, list(headers.items()))
        return [body]

    def refusal(self, code: str) -> tuple[dict[str, str], str]:
        headers = {"x-ms-error-code": code, "Content-Type": "application/xml"}
        return headers, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as asked for</Message></Error>"

    def _refused(self, status: str, code: str) -> tuple[str, dict[str, str], bytes]:
        headers, body = self.refusal(code)
        return status, headers, body.encode()

    def _carried_out(self, environ: dict[str, Any], data: bytes) -> tuple[str, dict[str, str], bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].encode("latin-1").decode()
        container, _, name = path.removeprefix(f"/{ACCOUNT}/").partition("/")
        asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        blobs = self.buckets.get(container)
        if blobs is None:
            return self._refused("404 The specified container does not exist.", "ContainerNotFound")
        if asked.get("comp") == "list":
            return "200 OK", {"Content-Type": "application/xml"}, self._listing(blobs, asked).encode()
        assert not asked, "a blob is written, read and deleted whole"
        if method == "PUT":
            condition = environ.get("HTTP_IF_NONE_MATCH") if self.heeds_conditions else None
            if name in blobs and condition == "*":
                return self._refused("409 The specified blob already exists.", "BlobAlreadyExists")
            blobs[name] = data
            return "201 Created", {}, b""
        if name not in blobs:
            return self._refused("404 The specified blob does not exist.", "BlobNotFound")
        if method == "DELETE":
            del blobs[name]
            return "202 Accepted", {}, b""
        if "HTTP_X_MS_RANGE" in environ and not blobs[name]:
            return self._refused("416 The range specified is invalid.", "InvalidRange")
        size, kind = len(blobs[name]), {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        ranges = {"Content-Range": f"bytes 0-{size - 1}/{size}"} if "HTTP_X_MS_RANGE" in environ else {}
        return ("206 Partial Content" if ranges else "200 OK"), kind | ranges, blobs[name]

    def _listing(self, blobs: dict[str, bytes], asked: dict[str, str]) -> str:
        after = asked.get("marker", "")
        there = sorted(name for name in blobs if name.startswith(asked.get("prefix", "")) and name > after)
        items = "".join(self._item(name) for name in there[:PAGE])
        more = escape(there[PAGE - 1]) if len(there) > PAGE else ""
        return f"<EnumerationResults><Blobs>{items}</Blobs><NextMarker>{more}</NextMarker></EnumerationResults>"

    def _item(self, name: str) -> str:
        mark = "<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>" if name in self.folders else ""
        kind = "<Properties><BlobType>BlockBlob</BlobType></Properties>"
        return f"<Blob><Name>{escape(name)}</Name>{mark}{kind}</Blob>"
