"""Azure Blob Storage. No I/O."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from html import unescape
from typing import ClassVar
from urllib.parse import parse_qs, quote

from itwin_imodels._transfer.hashing import UNIT
from itwin_imodels._transfer.refusals import CODE_NAME, RefusalCodes
from itwin_imodels._transfer.storage.addresses import checked_base_url, checked_directory
from itwin_imodels._transfer.storage.base import Container, Header, Storage
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse
from itwin_imodels.errors import TransferError
from itwin_imodels.models import DirectoryAccess

_VERSION = {"x-ms-version": "2021-12-02"}
"""The version of the protocol that requests use."""
_CREATED = (201,)
_CONTENT_TYPE = "application/octet-stream"
_MAX_BLOCKS = 50_000
_MIB = 1 << 20
_NAMING = 16
"""Number of bytes of a block's digest in its name."""
_UNCOMMITTED = re.compile(r"<UncommittedBlocks>(.*?)</UncommittedBlocks>", re.DOTALL)
_BLOCK = re.compile(r"<Block>\s*<Name>([^<]*)</Name>\s*<Size>(\d{1,19})</Size>\s*</Block>")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_VISIBLE = re.compile(r"[!-~]*")


class AzureBlocks:
    """Block blobs: Put Block, Put Block List, Get Block List."""

    def block_size(self, size: int, wanted: int) -> int:
        """Return the size of blocks in bytes: `wanted` in whole units, or more to have at most 50,000 blocks."""
        least = -(-size // _MAX_BLOCKS)
        return -(-wanted // UNIT) * UNIT if least <= wanted else -(-least // _MIB) * _MIB

    def block_id(self, number: int, digest: bytes) -> str:
        """Return a block name from its number and content, so that an existing block with this name is not sent again.

        The names are as long as those of Microsoft's client for JavaScript, which the vendor's client uses: all names
        of a blob must have the same length, and a blob may contain blocks that another client left.
        """
        return b64encode(f"{number:04x}{digest[:_NAMING].hex()}".encode()).decode()

    def list_blocks(self, url: str) -> StorageRequest:
        """Return the request for the list of blocks that have arrived."""
        return StorageRequest(method="GET", url=f"{url}&comp=blocklist&blocklisttype=uncommitted", headers=_VERSION)

    def read_list(self, content: bytes) -> Mapping[str, int]:
        """Return the sizes in bytes of the uncommitted blocks, by name."""
        part = _UNCOMMITTED.search(content.decode())
        return {unescape(name): int(size) for name, size in _BLOCK.findall(part.group(1))} if part else {}

    def put_block(self, url: str, block_id: str, content: bytes) -> StorageRequest:
        """Return the request that sends a block. TLS protects it; computing an MD5 can take longer than sending it."""
        query = f"&comp=block&blockid={quote(block_id, safe='')}"
        return StorageRequest(method="PUT", url=url + query, headers=_VERSION, body=content, success=_CREATED)

    def commit(self, url: str, block_ids: Iterable[str], md5: str | None) -> StorageRequest:
        """Return the request that creates the file from its blocks and stores its Content-MD5, if known."""
        entries = "".join(f"<Latest>{each}</Latest>" for each in block_ids)
        headers = {
            **_VERSION,
            "content-type": "application/xml",
            "x-ms-blob-content-type": _CONTENT_TYPE,
            **({} if md5 is None else {"x-ms-blob-content-md5": md5}),
        }
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{entries}</BlockList>'.encode()
        url = f"{url}&comp=blocklist"
        return StorageRequest(method="PUT", url=url, headers=headers, body=body, success=_CREATED)

    def is_lost(self, code: str) -> bool:
        """Return whether an error code means that blocks are missing because another upload was completed first."""
        return code == "InvalidBlockList"


class Azure(Storage):
    """Azure Blob Storage: shared access signatures for files and for the blocks of checkpoints."""

    name = "azure"
    codes = RefusalCodes(expired=frozenset({"AuthenticationFailed"}), premature=frozenset({"AuthenticationFailed"}))
    put_headers: ClassVar = {**_VERSION, "x-ms-blob-type": "BlockBlob", "content-type": _CONTENT_TYPE}
    put_success = _CREATED
    blocks = AzureBlocks()

    def content_md5(self, header: Header, *, whole: bool = True) -> str | None:
        """Return the Content-MD5 of a file, which responses to range requests contain in a different header."""
        return header("content-md5") if whole else header("x-ms-blob-content-md5")

    def error_code(self, response: StorageResponse) -> str:
        """Return the code in the header, or else in the body."""
        code = response.header("x-ms-error-code") or ""
        return code if CODE_NAME.fullmatch(code) else super().error_code(response)

    def container(self, access: DirectoryAccess, database: str) -> Container:
        """Return the container of a checkpoint; its credential is a SAS token, appended to URLs."""
        directory = checked_directory(access)
        base = _base_url(access)
        token = (access.credential or "").strip().removeprefix("?")
        if not _VISIBLE.fullmatch(token):
            raise TransferError("the SAS token of the checkpoint contains invalid characters")
        return Container(
            storage=self,
            address=f"{base}/{directory}",
            database=database,
            query=token,
            headers={} if "sv=" in token else _VERSION,
            end=_token_end(token),
        )


def _base_url(access: DirectoryAccess) -> str:
    if access.base_url.strip():
        return checked_base_url(access.base_url)
    if not _ACCOUNT.fullmatch(access.storage or ""):
        raise TransferError("the checkpoint has neither a storage URL nor a valid storage account")
    return f"https://{access.storage}.blob.core.windows.net"


def _token_end(token: str) -> datetime | None:
    """Return when a shared access signature expires; None if unknown."""
    with suppress(ValueError, LookupError):
        end = datetime.fromisoformat(parse_qs(token, max_num_fields=100)["se"][0])
        return end if end.tzinfo else end.replace(tzinfo=UTC)
    return None
