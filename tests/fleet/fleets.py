"""Hubs with many small iModels, and digests of targets."""

import hashlib
from pathlib import Path

from imodel_files.changesets import compute_changeset_id, write_changeset
from itwin_imodels_hub import LocalHub, SeedChangeset, SeedIModel, SeedNamedVersion

_SESSION = b"T\x02\x01\x00t\x00\x12\x00\x01" + bytes(7) + b"\x01\x04\x04abcd"
"""A changeset of one row; packed once, since changesets with the same content differ by their parents."""


class Chain:
    """A chain of changesets with the same content, of any length."""

    def __init__(self, folder: Path) -> None:
        """Write the file that all of them share."""
        self.file = folder / "content.cs"
        self._ids = [write_changeset(self.file, _SESSION, parent_id="")]

    def first(self, count: int) -> list[SeedChangeset]:
        """Return the first changesets of the chain."""
        while len(self._ids) < count:
            self._ids.append(compute_changeset_id(self.file, self._ids[-1]))
        return [SeedChangeset(id=each, file=self.file) for each in self._ids[:count]]


def plant(hub: LocalHub, chain: Chain, *, imodels: int, changesets: int, itwin_id: str | None = None) -> list[str]:
    """Create iModels that share a chain of changesets, each with a Named Version."""
    return [
        hub.control.create_imodel(
            SeedIModel(
                name=f"Bridge {number}",
                itwin_id=itwin_id,
                changesets=chain.first(changesets),
                named_versions=[SeedNamedVersion(name="Issued", changeset_index=1)] if changesets else (),
            )
        )
        for number in range(imodels)
    ]


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a target, except locks and what an interruption left."""
    files = (each for each in folder.rglob("*") if each.is_file())
    return {
        name: hashlib.sha256(each.read_bytes()).hexdigest()
        for each in files
        if not (name := each.relative_to(folder).as_posix()).startswith(".")
    }
