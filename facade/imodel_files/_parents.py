"""Find the parent of each changeset file by recomputing ids, because a file does not contain the id of its parent."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from imodel_files._errors import ChangesetFileError
from imodel_files._ids import ids_of, is_id
from imodel_files._limits import Limits
from imodel_files._payload import open_payload

LIST_NAME: Final = "changesets.json"
"""The name of the file in which the vendor's tools list the changesets of a folder."""

_FEW: Final = 8
"""Trying this many candidates takes no longer than decompressing the file again."""
_NEIGHBORS: Final = 3
_LIST_LIMIT: Final = 64 << 20


class ParentSearch:
    """Finds the parent of each file and thereby verifies the ids of the files.

    A file is decompressed once for all candidates of a step. Likely candidates are tried first: the parent in a
    ``changesets.json``, the preceding file, and files that were written at about the same time. The remaining files are
    tried in order of size, smallest first, because each parent that is found leaves fewer candidates for the larger
    files.

    Attributes:
        parents: The parent ids that were found, by changeset id; empty for the first changeset of an iModel.
        errors: The errors of unreadable files, by changeset id.
        listed: The parent ids in ``changesets.json`` files. They are only hints, which the search verifies.
    """

    def __init__(self, files: Mapping[str, Path], first: str, limits: Limits) -> None:
        """Search for all parents.

        Args:
            files: The files, by changeset id.
            first: The parent of the first file; empty for the baseline.
            limits: Limits for each file.

        Raises:
            OSError: A file cannot be read.
        """
        self.parents: dict[str, str] = {}
        self.errors: dict[str, ChangesetFileError] = {}
        self._files = files
        self._limits = limits
        self._free = dict.fromkeys([first, *files])
        self.listed = _listed(files)
        if self.listed or len(self._free) > _FEW:
            for each, candidates in self._likely():
                self._try(each, candidates)
        for each in sorted(self._unmatched(), key=lambda each: files[each].stat().st_size):
            self._try(each, list(self._free))
        for each in self._unmatched():
            self._try(each, [first, *files])

    def _unmatched(self) -> list[str]:
        return [each for each in self._files if each not in self.parents and each not in self.errors]

    def _likely(self) -> Iterator[tuple[str, list[str]]]:
        written = sorted(self._files, key=lambda each: self._files[each].stat().st_mtime_ns)
        place = {each: number for number, each in enumerate(written)}
        before = next(iter(self._free))
        for each in self._files:
            number = place[each]
            near = written[max(0, number - _NEIGHBORS) : number + _NEIGHBORS + 1]
            named = [self.listed[each]] if each in self.listed else []
            yield each, [*named, *(other for other in (before, *near) if other in self._free)]
            before = each

    def _try(self, changeset_id: str, candidates: Iterable[str]) -> None:
        """Compute the id with each candidate as the parent."""
        others = [each for each in dict.fromkeys(candidates) if each != changeset_id]
        try:
            with open_payload(self._files[changeset_id], self._limits) as payload:
                results = ids_of(payload, others)
        except ChangesetFileError as error:
            self.errors[changeset_id] = error
            return
        for parent, result in zip(others, results, strict=True):
            if result == changeset_id:
                self.parents[changeset_id] = parent
                self._free.pop(parent, None)


def _listed(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the parents that are listed in the folders of the files."""
    parents: dict[str, str] = {}
    for folder in {path.parent for path in files.values()}:
        parents.update(_list_of(folder / LIST_NAME))
    return {each: parent for each, parent in parents.items() if each in files}


def _list_of(path: Path) -> Iterator[tuple[str, str]]:
    if not path.is_file() or path.stat().st_size > _LIST_LIMIT:
        return
    try:
        content: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    entries = content.get("changesets") if isinstance(content, dict) else content
    for each in entries if isinstance(entries, list) else ():
        ids = (each.get("id"), each.get("parentId")) if isinstance(each, dict) else (None, None)
        match ids:
            case (str(changeset_id), str(parent)) if is_id(changeset_id) and (not parent or is_id(parent)):
                yield changeset_id.lower(), parent.lower()
