"""Google Cloud Storage. No I/O."""

import re

from itwin_imodels._transfer.refusals import RefusalCodes
from itwin_imodels._transfer.storage.addresses import checked_base_url, checked_directory, is_private
from itwin_imodels._transfer.storage.base import Container, Header, Storage
from itwin_imodels.errors import TransferError
from itwin_imodels.models import DirectoryAccess

_HOST = "storage.googleapis.com"
_BUCKET = re.compile(rf"(?:https:)?//{re.escape(_HOST)}/projects/_/buckets/([a-z0-9][a-z0-9._-]{{1,220}})/?")
_AUTHORIZATION = re.compile(r"(?:[A-Za-z]+ )?[!-~]*")


class Google(Storage):
    """Google Cloud Storage: signed URLs for files, a token for the blocks of checkpoints."""

    name = "google"
    codes = RefusalCodes(expired=frozenset({"ExpiredToken"}))

    def content_md5(self, header: Header, *, whole: bool = True) -> str | None:
        """Return the Content-MD5 of a file, which responses to range requests contain, too."""
        return super().content_md5(header, whole=whole) or _hash_md5(header("x-goog-hash") or "")

    def container(self, access: DirectoryAccess, database: str) -> Container:
        """Return the container of a checkpoint; its credential is a token, sent as a header."""
        directory = checked_directory(access)
        base = _base_url(access)
        authorization = (access.credential or "").strip()
        if not _AUTHORIZATION.fullmatch(authorization):
            raise TransferError("the authorization of the checkpoint contains invalid characters")
        if authorization and " " not in authorization:
            authorization = f"Bearer {authorization}"
        if authorization and not is_private(base):
            raise TransferError(f"the authorization of the checkpoint is not sent to {base}: the URL is not https")
        headers = {"authorization": authorization} if authorization else {}
        return Container(storage=self, address=f"{base}/{directory}", database=database, headers=headers)


def _hash_md5(hashes: str) -> str | None:
    for value in hashes.split(","):
        name, _, digest = value.strip().partition("=")
        if name == "md5":
            return digest
    return None


def _base_url(access: DirectoryAccess) -> str:
    base = access.base_url.strip()
    if not base:
        return f"https://{_HOST}"
    bucket = _BUCKET.fullmatch(base)
    return f"https://{_HOST}/{bucket.group(1)}" if bucket else checked_base_url(base)
