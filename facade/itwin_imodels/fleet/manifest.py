"""The manifest of an iModel, which describes its copy in the target."""

import json
from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from itwin_imodels.errors import FleetError
from itwin_imodels.fleet.layout import VERSION, manifest_path

UNCOUNTED: Final = -1
"""Placeholder for the number of changesets in a manifest of version 0.1.0, which contains only the newest index."""


@attrs.frozen(kw_only=True)
class Manifest:
    """Describes the copy of an iModel in the target.

    Attributes:
        imodel_id: The id of the iModel.
        itwin_id: The id of its iTwin.
        name: The name of the iModel.
        changesets: Number of changesets, or `UNCOUNTED`.
        tip_index: Index of the newest changeset. It equals `changesets` if there are no gaps between the indexes.
        tip_id: Id of the newest changeset; empty if there is none.
        file_size: Total size of the changeset files in bytes.
        changes_until: Index of the last changeset whose element-level changes have been written.
        digests: The SHA-256 of the small files that are replaced as a whole, by path.
    """

    imodel_id: str
    itwin_id: str = ""
    name: str = ""
    changesets: int = 0
    tip_index: int = 0
    tip_id: str = ""
    file_size: int = 0
    changes_until: int = 0
    digests: Mapping[str, str] = attrs.field(factory=dict)

    def to_bytes(self) -> bytes:
        """Return the content of the manifest file."""
        return json.dumps({"version": VERSION, **attrs.asdict(self)}, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def of(cls, imodel_id: str, content: bytes) -> Self:
        """Parse the content of a manifest file; see `copies.parse_manifest`.

        Raises:
            FleetError: The file is invalid, belongs to another iModel, or has a newer format.
        """
        place = manifest_path(imodel_id)
        try:
            document: dict[str, Any] = json.loads(content)
            version = int(document.pop("version"))
            if version > VERSION:
                raise FleetError(
                    f"iModel {imodel_id}: {place} has the unsupported format version {version}. Upgrade itwin-imodels."
                )
            if "tip_index" not in document:
                document |= {"tip_index": document["changesets"], "changesets": UNCOUNTED}
            manifest = cls(**{name: document[name] for name in attrs.fields_dict(cls)})
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise FleetError(f"iModel {imodel_id}: {place} is not a valid manifest: {error!r}") from None
        if manifest.imodel_id != imodel_id:
            raise FleetError(f"iModel {imodel_id}: {place} belongs to iModel {manifest.imodel_id}")
        return manifest


def merged(ours: Manifest, theirs: Manifest) -> Manifest:
    """Combine two versions of a manifest that two runs have advanced: keep the newer tip and the later changes."""
    further = max(ours, theirs, key=lambda each: each.tip_index)
    return attrs.evolve(
        further,
        changes_until=max(ours.changes_until, theirs.changes_until),
        digests={**theirs.digests, **ours.digests},
    )
