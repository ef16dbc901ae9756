"""An Azure Blob Storage account and its errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from attrs import field, frozen
from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.blob import (
    BlobServiceClient,
    ContainerSasPermissions,
    ExponentialRetry,
    generate_blob_sas,
    generate_container_sas,
)

from itwin_imodels_hub.blobs.azure_account.errors import AzureStorageError
from itwin_imodels_hub.blobs.azure_account.places import Place
from itwin_imodels_hub.blobs.contract import StorageRefusedError, StorageUnavailableError

BLOCK = 8 << 20
"""Upload size per request, in bytes."""

_PIECE = 4 << 20
"""Download size per request, in bytes; the library keeps several copies in memory."""

_TRANSIENT = frozenset({401, 403, 408, 429})
"""Status codes of temporary problems unrelated to the request; 401 and 403 occur when keys are rotated."""

_SERVER_ERROR = 500
_DAY = 86_400
_link_numbers = count()
_CONNECT_SECONDS = 5
_READ_SECONDS = 60


@frozen(kw_only=True)
class Account:
    """A storage account and its access key.

    Attributes:
        service: The client of the account.
        name: Account name.
        key: Access key, which signs links.
    """

    service: BlobServiceClient
    name: str
    key: str = field(repr=False)

    @classmethod
    def of(cls, connection_string: str) -> "Account":
        """Create an account from its connection string; no request is sent.

        Raises:
            AzureStorageError: The string is invalid or contains no account key.
        """
        try:
            service = BlobServiceClient.from_connection_string(
                connection_string,
                # A request to the hub waits during these retries, so they are few and short; its sender can retry.
                retry_policy=ExponentialRetry(
                    initial_backoff=0, increment_base=1, retry_total=2, random_jitter_range=1
                ),
                connection_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                max_block_size=BLOCK,
                max_single_put_size=BLOCK,
                max_chunk_get_size=_PIECE,
                max_single_get_size=_PIECE,
            )
        except (ValueError, KeyError) as error:
            raise AzureStorageError(
                "the connection string of the Azure account is invalid. Copy it again; it has the form "
                "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net"
            ) from error
        key = getattr(service.credential, "account_key", None)
        if not key or not service.account_name:
            service.close()
            raise AzureStorageError(
                "the connection string of the Azure account has no AccountName or AccountKey; the hub needs the key "
                "to sign links. Use the string shown with the access keys, not one with a SharedAccessSignature."
            )
        return cls(service=service, name=service.account_name, key=key)

    @property
    def url(self) -> str:
        """Base URL of the account, without a trailing slash."""
        return str(self.service.url).rstrip("/")

    def blob_link(self, place: Place, permissions: str, lifetime: timedelta) -> str:
        """Return a link to a blob with a shared access signature.

        Args:
            place: The blob, which need not exist.
            permissions: Permission letters of Azure, in the order that Azure requires.
            lifetime: Lifetime of the link, in real time.
        """
        signature = generate_blob_sas(
            self.name,
            place.container,
            place.blob,
            account_key=self.key,
            permission=permissions,
            start=_unique_start(),
            expiry=datetime.now(UTC) + lifetime,
            protocol=self._protocol,
        )
        return f"{self.service.get_blob_client(place.container, place.blob).url}?{signature}"

    def container_token(self, container: str, lifetime: timedelta) -> str:
        """Return a shared access signature for reading and listing a container, as a query without `?`."""
        return generate_container_sas(
            self.name,
            container,
            account_key=self.key,
            permission=ContainerSasPermissions(read=True, list=True),
            start=_unique_start(),
            expiry=datetime.now(UTC) + lifetime,
            protocol=self._protocol,
        )

    @contextmanager
    def converting_errors(self, doing: str) -> Iterator[None]:
        """Convert errors of the account to those of the contract, without messages that may contain signatures.

        Args:
            doing: The operation, for the message: an infinitive without "to".

        Raises:
            StorageRefusedError: The account rejected the operation.
            StorageUnavailableError: The account cannot be reached, rejects the key, or reports a temporary problem.
        """
        try:
            yield
        except HttpResponseError as error:
            if error.status_code is None:
                raise self._unreachable(doing) from None
            transient = error.status_code in _TRANSIENT or error.status_code >= _SERVER_ERROR
            raise (StorageUnavailableError if transient else StorageRefusedError)(
                f"Azure account {self.name} failed to {doing}: {error.status_code} ({code_of(error) or 'no code'})"
            ) from None
        except AzureError:
            raise self._unreachable(doing) from None

    def _unreachable(self, doing: str) -> StorageUnavailableError:
        return StorageUnavailableError(f"cannot reach Azure account {self.name} at {self.url} to {doing}")

    @property
    def _protocol(self) -> str | None:
        return "https" if self.url.startswith("https:") else None


def _unique_start() -> datetime:
    """Return a start of validity within the last day that differs between calls in the same second.

    Signatures contain times in whole seconds, so two links created in the same second would otherwise be equal.
    """
    return datetime.now(UTC) - timedelta(seconds=1 + next(_link_numbers) % _DAY)


def code_of(error: HttpResponseError) -> str:
    """Return the error code of the service, or an empty string."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))
