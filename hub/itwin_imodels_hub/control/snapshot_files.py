"""The files of a snapshot: checks that they are complete and unchanged since the dump."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.blobs.name_syntax import split_name
from itwin_imodels_hub.store.changesets import UPLOADED
from itwin_imodels_hub.store.imodels import INITIALIZED
from itwin_imodels_hub.store.table_dump import Tables
from itwin_imodels_hub.store.versions import SUCCESSFUL

FILES: Final = "files/"
_PIECE: Final = 1 << 20


class SnapshotFileError(ValueError):
    """A file of a snapshot is missing, unexpected or altered."""


@frozen
class DumpedFile:
    """Size and SHA-256 of a dumped file."""

    size: int
    sha256: str


def write_file(archive: zipfile.ZipFile, name: str, path: Path) -> DumpedFile:
    """Add a file to a snapshot."""
    content = hashlib.sha256()
    with path.open("rb") as source, archive.open(f"{FILES}{name}", "w", force_zip64=True) as target:
        while piece := source.read(_PIECE):
            content.update(piece)
            target.write(piece)
        return DumpedFile(source.tell(), content.hexdigest())


def check_files(archive: zipfile.ZipFile, tables: Tables, dumped: Mapping[str, DumpedFile] | None) -> list[str]:
    """Check the files of a snapshot without extracting them.

    Args:
        archive: The snapshot.
        tables: Its tables.
        dumped: The files that were dumped; None in snapshots of older versions.

    Returns:
        The names of the files.

    Raises:
        SnapshotFileError: A file is missing, unexpected, or differs from the dumped one.
    """
    sizes = {
        each.filename.removeprefix(FILES): each.file_size
        for each in archive.infolist()
        if each.filename.startswith(FILES) and not each.is_dir()
    }
    for name in sizes:
        split_name(name)
    _check_needed(tables, sizes)
    for name in sizes.keys() | (dumped or {}).keys():
        if name not in sizes:
            raise SnapshotFileError(f"the file {name} is missing")
        if dumped is not None and name not in dumped:
            raise SnapshotFileError(f"unexpected file {name}")
        content = _read(archive, name)
        if dumped is not None and content != dumped[name]:
            raise SnapshotFileError(f"the file {name} differs from the one that was dumped")
    return list(sizes)


def _read(archive: zipfile.ZipFile, name: str) -> DumpedFile:
    """Read a whole file, so that the zip library verifies its checksum."""
    content, size = hashlib.sha256(), 0
    with archive.open(f"{FILES}{name}") as file:
        while piece := file.read(_PIECE):
            content.update(piece)
            size += len(piece)
    return DumpedFile(size, content.hexdigest())


def _check_needed(tables: Tables, sizes: Mapping[str, int]) -> None:
    """Check that the file of each row exists.

    Raises:
        SnapshotFileError: A file is missing or its size differs.
    """
    for what, name, size in _needed_files(tables):
        if name not in sizes:
            raise SnapshotFileError(f"the file of {what} is missing")
        if size is not None and sizes[name] != size:
            raise SnapshotFileError(f"the file of {what} has {sizes[name]} bytes instead of {size}")


def _needed_files(tables: Tables) -> Iterator[tuple[str, str, object]]:
    """Yield the entities that require a file, each with the name of the file and its size if known."""
    ids = {each["number"]: str(each["id"]) for each in tables["imodels"]}
    for imodel in tables["imodels"]:
        if imodel["baseline_state"] == INITIALIZED:
            yield f"the baseline of iModel {imodel['id']}", names.baseline(str(imodel["id"])), imodel["baseline_size"]
    for each in tables["changesets"]:
        if each["state"] == UPLOADED:
            imodel_id = ids[each["imodel_number"]]
            what = f"changeset {each['changeset_index']} of iModel {imodel_id}"
            yield what, names.changeset(imodel_id, str(each["changeset_id"])), each["file_size"]
    for each in tables["checkpoints"]:
        if each["state"] == SUCCESSFUL and each["blob"] is not None:
            what = f"the checkpoint of changeset {each['changeset_index']} of iModel {ids[each['imodel_number']]}"
            yield what, str(each["blob"]), None
