"""An account of Azure Blob Storage, and what goes wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

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
"""Bytes sent at a time."""

_PIECE = 4 << 20
"""Bytes received at a time, of which the library holds some copies."""

_PASSING = frozenset({401, 403, 408, 429})
"""Statuses that say nothing of what was asked for; a key can be replaced."""

_SERVER_ERROR = 500
_CONNECT_SECONDS = 5
_READ_SECONDS = 60


@frozen(kw_only=True)
class Account:
    """An account with the key that signs for it.

    Attributes:
        service: The client of the account.
        name: The account.
        key: Its key.
    """

    service: BlobServiceClient
    name: str
    key: str = field(repr=False)

    @classmethod
    def of(cls, connection_string: str) -> "Account":
        """Name an account by its connection string; nothing is sent yet.

        Raises:
            AzureStorageError: The string has no account key, or makes no sense.
        """
        try:
            service = BlobServiceClient.from_connection_string(
                connection_string,
                # A request of the hub waits for these: a few short tries, then its client is told to come again.
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
                "The connection string of the Azure account cannot be read; copy it anew, it looks like "
                "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net"
            ) from error
        key = getattr(service.credential, "account_key", None)
        if not key or not service.account_name:
            service.close()
            raise AzureStorageError(
                "The connection string of the Azure account has no AccountName and AccountKey; without the key the hub "
                "can sign no links. Use the one of the account's access keys, not one with a SharedAccessSignature."
            )
        return cls(service=service, name=service.account_name, key=key)

    @property
    def url(self) -> str:
        """Address of the account, without a trailing slash."""
        return str(self.service.url).rstrip("/")

    def blob_link(self, place: Place, permissions: str, lifetime: timedelta) -> str:
        """Make a link to a blob with a shared access signature.

        Args:
            place: The blob, which need not be there.
            permissions: Letters as Azure has them, in its order.
            lifetime: How long the link holds, by real time.
        """
        signature = generate_blob_sas(
            self.name,
            place.container,
            place.blob,
            account_key=self.key,
            permission=permissions,
            expiry=datetime.now(UTC) + lifetime,
            protocol=self._protocol,
        )
        return f"{self.service.get_blob_client(place.container, place.blob).url}?{signature}"

    def container_token(self, container: str, lifetime: timedelta) -> str:
        """Make a shared access signature to read and list everything in a container, as a query without `?`."""
        return generate_container_sas(
            self.name,
            container,
            account_key=self.key,
            permission=ContainerSasPermissions(read=True, list=True),
            expiry=datetime.now(UTC) + lifetime,
            protocol=self._protocol,
        )

    @contextmanager
    def told(self, doing: str) -> Iterator[None]:
        """Tell what went wrong with the account, without what the service and its library say of signatures.

        Args:
            doing: What is being done, for the text.

        Raises:
            StorageRefusedError: The account understood and does not do it.
            StorageUnavailableError: The account could not be asked, does not know the key, or is not well.
        """
        try:
            yield
        except HttpResponseError as error:
            if error.status_code is None:
                raise self._unreachable(doing) from None
            passing = error.status_code in _PASSING or error.status_code >= _SERVER_ERROR
            raise (StorageUnavailableError if passing else StorageRefusedError)(
                f"Azure account {self.name} refused to {doing}: {error.status_code} ({code_of(error) or 'no code'})."
            ) from None
        except AzureError:
            raise self._unreachable(doing) from None

    def _unreachable(self, doing: str) -> StorageUnavailableError:
        return StorageUnavailableError(f"Azure account {self.name} cannot be reached at {self.url} to {doing}.")

    @property
    def _protocol(self) -> str | None:
        return "https" if self.url.startswith("https:") else None


def code_of(error: HttpResponseError) -> str:
    """Give the code of an error of the service, empty where it has none."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))
