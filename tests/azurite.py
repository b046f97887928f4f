"""Azurite, Microsoft's own stand-in for Azure's storage: a Node program, run where it is at hand.

npm install azurite, and node_modules/.bin on the PATH
"""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from azure.storage.blob import BlobServiceClient

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Its account, whose key everybody knows."""


class Azurite:
    """Serves from `with` on, and keeps what it holds in memory."""

    def __init__(self, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder, self._buckets = folder, 0
        self.environment = {
            "AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};"
            f"AccountKey={KEY};BlobEndpoint=http://127.0.0.1:{self._port}/{ACCOUNT};"
        }

    @staticmethod
    def is_at_hand() -> bool:
        return shutil.which("azurite-blob") is not None

    def __enter__(self) -> Self:
        options = ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        command = ["azurite-blob", "--blobPort", str(self._port), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=self._folder)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port)).close()
                return self
            except ConnectionRefusedError:
                assert self._process.poll() is None, "azurite-blob has ended"
                assert time.monotonic() < deadline, "azurite-blob does not listen"
                time.sleep(0.05)

    def __exit__(self, *_: Any) -> None:
        self._process.kill()
        self._process.wait()

    def new_bucket(self) -> str:
        self._buckets += 1
        with BlobServiceClient.from_connection_string(*self.environment.values()) as client:
            client.create_container(f"bucket-{self._buckets}").close()
        return f"az://bucket-{self._buckets}"
