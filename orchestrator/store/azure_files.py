"""Azure's object storage as a file system: adlfs, with what a store needs of it otherwise.

adlfs lists a container that is missing as an empty one, in several requests, takes every conflict for a name that
exists, and leaves the client its usual tries, which take minutes. What it writes, reads and deletes stays its own:
`create` with `If-None-Match: *`.
"""

from typing import Any

from adlfs import AzureBlobFileSystem
from azure.core.credentials import AzureSasCredential
from azure.storage.blob import StorageErrorCode
from azure.storage.blob.aio import BlobServiceClient
from fsspec.asyn import sync_wrapper

from orchestrator.store.kinds import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, UNSHARED

CLIENT: dict[str, Any] = {"retry_total": 0, "connection_timeout": CONNECT_TIMEOUT_S, "read_timeout": READ_TIMEOUT_S}
"""Whoever calls tries again."""


class NoCredentialsError(ValueError):
    """The environment does not even name an account."""


class AzureFiles(AzureBlobFileSystem):  # type: ignore[misc]
    """What `ObjectStore` asks for, each in one request."""

    def do_connect(self) -> None:
        """Make the client, from what adlfs has found in the environment."""
        if self.connection_string:
            self.service_client = BlobServiceClient.from_connection_string(self.connection_string, **CLIENT)
        elif self.account_name:
            signature = AzureSasCredential(self.sas_token) if self.sas_token else None
            self.service_client = BlobServiceClient(
                f"https://{self.account_name}.blob.core.windows.net",
                credential=self.credential or self.account_key or signature,
                **CLIENT,
            )
        else:
            raise NoCredentialsError("no account is named")

    async def _pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        try:
            await super()._pipe_file(path, value, mode=mode)
        except FileExistsError as error:
            conflict = error.__context__
            if conflict is None or getattr(conflict, "error_code", None) == StorageErrorCode.BLOB_ALREADY_EXISTS:
                raise
            raise conflict from None

    pipe_file = sync_wrapper(_pipe_file)

    async def _find(self, path: str, prefix: str = "", **_: Any) -> list[str]:
        container, _slash, folder = path.partition("/")
        below = f"{folder}/{prefix}" if folder else prefix
        async with self.service_client.get_container_client(container) as client:
            found = client.list_blobs(name_starts_with=below, include=["metadata"])
            # Where the account has real folders, they are listed too.
            return [f"{container}/{each.name}" async for each in found if not _is_folder(each.metadata or {})]


def _is_folder(metadata: dict[str, str]) -> bool:
    return any(name.lower() == "hdi_isfolder" and value == "true" for name, value in metadata.items())


def open_azure() -> AzureFiles:
    """A new one, with the credentials that the environment names, or else those that azure-identity finds."""
    return AzureFiles(anon=False, **UNSHARED)
