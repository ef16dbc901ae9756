"""Mapping between blob names of the hub and places in an account. No I/O.

Each iModel has its own container, so that access to one iModel grants no access to another, and all blobs of an iModel
can be deleted in one step. Uploads are stored in a separate container until they are confirmed: a reader of an iModel
cannot read them, and the container exists before any link is issued.
"""

import re

from attrs import frozen

from itwin_imodels_hub.blobs.name_syntax import split_name

_IMODEL_FOLDER = re.compile(r"imodel-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UPLOADS = "uploads"
_PREFIX = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_CONTAINER = 63
LONGEST_PREFIX = _LONGEST_CONTAINER - len("-imodel-") - 36
"""Maximum length of the prefix of container names."""


def check_prefix(prefix: str) -> None:
    """Check the prefix of container names.

    Raises:
        ValueError: Azure does not permit the resulting names.
    """
    if not _PREFIX.fullmatch(prefix) or len(prefix) > LONGEST_PREFIX:
        raise ValueError(
            f"containers: {prefix!r} must be 1 to {LONGEST_PREFIX} lower-case letters, digits and single hyphens"
        )


@frozen
class Place:
    """The container and name of a blob in an account."""

    container: str
    blob: str


@frozen
class Containers:
    """Mapping between hub names and containers with blobs.

    Attributes:
        prefix: Prefix of the container names.
    """

    prefix: str

    @property
    def uploads(self) -> str:
        """The container of unconfirmed uploads."""
        return f"{self.prefix}-{_UPLOADS}"

    def of(self, folder: str) -> str:
        """Return the container of an iModel.

        Args:
            folder: First segment of the names of its blobs.
        """
        return f"{self.prefix}-{folder}"

    def folder(self, container: str) -> str | None:
        """Return the first name segment of the blobs in a container; None if it is not the container of an iModel."""
        if not container.startswith(f"{self.prefix}-"):
            return None
        folder = container.removeprefix(f"{self.prefix}-")
        return folder if _IMODEL_FOLDER.fullmatch(folder) else None

    def place(self, name: str) -> Place:
        """Return the place of a blob.

        Raises:
            ValueError: The name is invalid.
        """
        folder, *rest = split_name(name)
        if not rest or not _IMODEL_FOLDER.fullmatch(folder):
            raise ValueError("invalid blob name: it must begin with imodel-{id}/")
        if rest[0] == _UPLOADS and len(rest) > 1:
            return Place(self.uploads, "/".join([folder, *rest[1:]]))
        return Place(self.of(folder), "/".join(rest))

    def name(self, place: Place) -> str | None:
        """Return the hub name of a place, the inverse of `place`; None if it does not belong to the hub."""
        if place.container == self.uploads:
            folder, _, rest = place.blob.partition("/")
            return f"{folder}/{_UPLOADS}/{rest}" if rest and _IMODEL_FOLDER.fullmatch(folder) else None
        owner = self.folder(place.container)
        return None if owner is None or place.blob.startswith(f"{_UPLOADS}/") else f"{owner}/{place.blob}"

    def places_to_search(self, prefix: str, folders: list[str]) -> list[Place]:
        """Return the containers and name prefixes to search for the blobs whose names start with a prefix.

        Args:
            prefix: Start of the names.
            folders: Possible first segments of the names.
        """
        head, slash, rest = prefix.partition("/")
        places = [Place(self.of(each), rest) for each in folders if (each == head if slash else each.startswith(head))]
        marked = f"{_UPLOADS}/"
        if rest.startswith(marked):
            return [Place(self.uploads, f"{head}/{rest.removeprefix(marked)}")]
        if marked.startswith(rest):
            places.append(Place(self.uploads, f"{head}{slash}"))
        return places
