"""URLs of entities and blobs in responses."""

from datetime import timedelta
from urllib.parse import quote

from attrs import frozen

from itwin_imodels_hub.blobs import BlobLinks, DirectoryAccess, all_types

Link = dict[str, object]

_RESUMABLE = "rcw"
"""Permissions of upload links. Reading is our addition, so that an interrupted upload can list its blocks."""


@frozen
class Urls:
    """URLs of entities; `base` is the URL of the iModels API."""

    base: str

    def imodel(self, imodel_id: str, *parts: object) -> str:
        """Return the URL of an iModel or of a part of it."""
        return "/".join([self.base, imodel_id, *(quote(str(part), safe="") for part in parts)])

    def link(self, imodel_id: str, *parts: object) -> Link:
        """Return a link to an iModel or to a part of it."""
        return {"href": self.imodel(imodel_id, *parts)}


@frozen
class Storage:
    """Links to blobs."""

    links: BlobLinks
    base: str
    lifetime: timedelta

    def upload(self, name: str) -> Link:
        """Return an upload link, which can be used repeatedly."""
        href = self.links.blob(self.base, name, _RESUMABLE, self.lifetime)
        return {"href": href, "storageType": self.links.storage_type}

    def download(self, name: str) -> Link:
        """Return a download link."""
        href = self.links.download(self.base, name, self.lifetime)
        return {"href": href, "storageType": self.links.storage_type}

    def credentials(self, access: DirectoryAccess) -> dict[str, object]:
        """Return the token of a directory under the name of its storage type; other types are null."""
        chosen = self.links.storage_type
        return {each.name: {each.token_member: access.token} if each.name == chosen else None for each in all_types()}

    def directory(self, prefix: str) -> DirectoryAccess:
        """Return read access to a directory."""
        return self.links.directory(self.base, prefix, self.lifetime)
