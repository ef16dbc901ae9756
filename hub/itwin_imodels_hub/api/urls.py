"""Addresses in answers: of entities, and of files."""

from datetime import timedelta
from urllib.parse import quote

from attrs import frozen

from itwin_imodels_hub.blobs import BlobLinks, DirectoryAccess, all_types

Link = dict[str, object]

_RESUMABLE = "rcw"
"""An upload link may be read, too, so that an interrupted upload can ask which blocks are there; ours to decide."""


@frozen
class Urls:
    """Addresses of entities; `base` is that of all iModels."""

    base: str

    def imodel(self, imodel_id: str, *parts: object) -> str:
        """Give the address of an iModel or of something in it."""
        return "/".join([self.base, imodel_id, *(quote(str(part), safe="") for part in parts)])

    def link(self, imodel_id: str, *parts: object) -> Link:
        """Link to an iModel or to something in it."""
        return {"href": self.imodel(imodel_id, *parts)}


@frozen
class Storage:
    """Links to files."""

    links: BlobLinks
    base: str
    lifetime: timedelta

    def upload(self, name: str) -> Link:
        """Let a file be written, in several attempts where need be."""
        href = self.links.blob(self.base, name, _RESUMABLE, self.lifetime)
        return {"href": href, "storageType": self.links.storage_type}

    def download(self, name: str) -> Link:
        """Let a file be read."""
        href = self.links.download(self.base, name, self.lifetime)
        return {"href": href, "storageType": self.links.storage_type}

    def credentials(self, access: DirectoryAccess) -> dict[str, object]:
        """Return the credential for a directory under the name of its type of storage, beside the others' null."""
        chosen = self.links.storage_type
        return {each.name: {each.token_member: access.token} if each.name == chosen else None for each in all_types()}

    def directory(self, prefix: str) -> DirectoryAccess:
        """Let everything in a directory be read."""
        return self.links.directory(self.base, prefix, self.lifetime)
