"""Where in an account a blob of the hub is. No I/O.

Each iModel has a container of its own, so that access to one is access to no other and all its blobs go in one step.
What clients upload lies in one further container until it is confirmed: who may read an iModel cannot read that, and
the container is there before anybody is given a link.
"""

import re

from attrs import frozen

from itwin_imodels_hub.blobs.name_syntax import split_name

_HEAD = re.compile(r"imodel-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UPLOADS = "uploads"
_PREFIX = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_CONTAINER = 63
LONGEST_PREFIX = _LONGEST_CONTAINER - len("-imodel-") - 36
"""Characters that are left for the beginning of the containers' names."""


def check_prefix(prefix: str) -> None:
    """Check what the names of containers shall begin with.

    Raises:
        ValueError: Azure takes no such names.
    """
    if not _PREFIX.fullmatch(prefix) or len(prefix) > LONGEST_PREFIX:
        raise ValueError(
            f"containers: {prefix!r} is not 1 to {LONGEST_PREFIX} lower-case letters, digits and single hyphens"
        )


@frozen
class Place:
    """A blob of an account."""

    container: str
    blob: str


@frozen
class Containers:
    """Names of files in terms of containers and blobs, and back.

    Attributes:
        prefix: What the names of the containers begin with.
    """

    prefix: str

    @property
    def uploads(self) -> str:
        """The container of what is not confirmed yet."""
        return f"{self.prefix}-{_UPLOADS}"

    def of(self, folder: str) -> str:
        """Give the container of an iModel.

        Args:
            folder: The first segment of its files' names.
        """
        return f"{self.prefix}-{folder}"

    def folder(self, container: str) -> str | None:
        """Give the first segment of the names of a container's files; None where it is not one of an iModel."""
        if not container.startswith(f"{self.prefix}-"):
            return None
        folder = container.removeprefix(f"{self.prefix}-")
        return folder if _HEAD.fullmatch(folder) else None

    def place(self, name: str) -> Place:
        """Say where a file is.

        Raises:
            ValueError: No file can have this name.
        """
        folder, *rest = split_name(name)
        if not rest or not _HEAD.fullmatch(folder):
            raise ValueError("A file belongs to an iModel: its name begins with imodel-{id}/.")
        if rest[0] == _UPLOADS and len(rest) > 1:
            return Place(self.uploads, "/".join([folder, *rest[1:]]))
        return Place(self.of(folder), "/".join(rest))

    def name(self, place: Place) -> str | None:
        """Name the file of a blob, the inverse of `place`; None where it is none of the hub's."""
        if place.container == self.uploads:
            folder, _, rest = place.blob.partition("/")
            return f"{folder}/{_UPLOADS}/{rest}" if rest and _HEAD.fullmatch(folder) else None
        owner = self.folder(place.container)
        return None if owner is None or place.blob.startswith(f"{_UPLOADS}/") else f"{owner}/{place.blob}"

    def searched(self, prefix: str, folders: list[str]) -> list[Place]:
        """Say in which containers, and below which beginnings of names, the files are whose names begin with a prefix.

        Args:
            prefix: Beginning of names.
            folders: First segments of names that there are.
        """
        head, slash, rest = prefix.partition("/")
        found = [Place(self.of(each), rest) for each in folders if (each == head if slash else each.startswith(head))]
        marked = f"{_UPLOADS}/"
        if rest.startswith(marked):
            return [Place(self.uploads, f"{head}/{rest.removeprefix(marked)}")]
        if marked.startswith(rest):
            found.append(Place(self.uploads, f"{head}{slash}"))
        return found
