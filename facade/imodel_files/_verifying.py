"""Verification of the ids of changeset files."""

import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from imodel_files._chain import ChainLink
from imodel_files._errors import ChangesetFileError
from imodel_files._ids import compute_changeset_id, is_id, normal_id, normal_parent_id
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._ordering import FilePath, expanded, lines
from imodel_files._parents import ParentSearch

_UNPROVEN = "its content does not match its id, or the file of the changeset before it is missing"
_UNKNOWN_PARENT = "its id cannot be computed, because the id of the changeset before it is unknown"
_MISSING = "the file is missing"


@attrs.frozen(kw_only=True)
class VerifiedFile:
    """The result of verifying the id of a changeset file.

    Attributes:
        path: The path of the file.
        id: The id computed from the content and the parent; None if the file is unreadable or the parent is unknown.
        parent_id: The id of the parent; empty for the first changeset, None if unknown.
        expected_id: The expected id; None if unknown.
        is_valid: Whether the file is complete and has the expected id, if that is known.
        problem: What is wrong; None if the file is valid.
    """

    path: Path
    id: str | None
    parent_id: str | None
    expected_id: str | None
    is_valid: bool
    problem: str | None = None


def verify_changesets(
    files: Iterable[FilePath | ChainLink],
    *,
    parent_id: str | None = None,
    id: str | None = None,  # noqa: A002 - what the API calls it
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[VerifiedFile]:
    """Verify the ids of changeset files, and yield the results in the order of the timeline.

    If all files are named by their ids, they may be given in any order; their parents are determined the way
    `order_changesets` does; copies in other folders are also verified. Otherwise, they must be given in order: each is
    the parent of the next one. A `ChainLink` specifies the id and the parent explicitly.

    Args:
        files: Files, folders (their ``*.cs`` files), patterns such as ``"changesets/*.cs"``, or links.
        parent_id: The parent of the first file; empty or None for the first changeset of an iModel.
        id: The expected id of the last file; None expects the id that the file is named by, if any.
        limits: Limits on the size, memory and time that reading a file may take; see `Limits` for the defaults.

    Raises:
        ChangesetOrderError: There are both files with other names and a folder or pattern with several files that are
            named by their ids.
        ValueError: `parent_id`, `id`, or the parent of a link is not 40 hex digits.
        OSError: A file cannot be read.

    Example:
        ```python
        wrong = [each.path for each in verify_changesets(["changesets"]) if not each.is_valid]
        ```
    """
    first = normal_parent_id(parent_id)
    last = normal_id(id, "id") if id else None
    given = list(files)
    links = [each for each in given if isinstance(each, ChainLink)]
    paths, named = expanded(each for each in given if not isinstance(each, ChainLink))
    return _verified(links, paths, named, first, last, limits)


def _verified(  # noqa: PLR0913, PLR0917 - the prepared arguments of `verify_changesets`
    links: Sequence[ChainLink],
    paths: Sequence[Path],
    named: Mapping[str, Path] | None,
    first: str,
    last: str | None,
    limits: Limits,
) -> Iterator[VerifiedFile]:
    for number, link in enumerate(links, 1):
        yield _linked(link, None if paths or number < len(links) else last, limits)
    if named:
        for files in _without_copies(paths):
            yield from _searched({**named, **files}, files, first, last, limits)
    else:
        yield from _in_order(paths, first, last, limits)


def _without_copies(paths: Iterable[Path]) -> Iterator[dict[str, Path]]:
    """Yield the files by their ids: first one of each id, then the copies that are in other folders."""
    rest = list(dict.fromkeys(paths))
    while rest:
        files: dict[str, Path] = {}
        rest = [path for path in rest if files.setdefault(path.stem.lower(), path) != path]
        yield files


def _linked(link: ChainLink, last: str | None, limits: Limits) -> VerifiedFile:
    path = Path(link.path)
    if not path.exists():
        return _invalid(path, link.parent_id, link.id.lower(), _MISSING)
    file = _computed(path, link.parent_id or "", link.id.lower(), limits)
    return _last_is(file.id, path, file.parent_id, last) if file.is_valid and last not in {None, file.id} else file


def _in_order(paths: Sequence[Path], first: str, last: str | None, limits: Limits) -> Iterator[VerifiedFile]:
    parent_id: str | None = first
    for number, path in enumerate(paths, 1):
        named = path.stem.lower() if is_id(path.stem) else None
        expected = last if last and number == len(paths) else named
        if parent_id is None:
            file = _invalid(path, None, expected, _UNKNOWN_PARENT)
        else:
            file = _computed(path, parent_id, expected, limits)
        yield file
        parent_id = expected or file.id


def _searched(
    files: Mapping[str, Path], verified: Container[str], first: str, last: str | None, limits: Limits
) -> Iterator[VerifiedFile]:
    """Search for the parents of all files, and yield the results of those with the ids in `verified`."""
    search = ParentSearch(files, first, limits)
    order = [each for line in lines(files, search.parents) for each in line]
    for each in filter(verified.__contains__, order):
        parent = search.parents.get(each)
        if each in search.errors:
            yield _invalid(files[each], None, each, search.errors[each].reason)
        elif parent is None:
            yield _unproven(files[each], search.listed.get(each), each, limits)
        elif last is not None and each == order[-1] != last:
            yield _last_is(each, files[each], parent, last)
        else:
            yield VerifiedFile(path=files[each], id=each, parent_id=parent, expected_id=each, is_valid=True)


def _last_is(found: str | None, path: Path, parent_id: str | None, expected: str | None) -> VerifiedFile:
    return _invalid(path, parent_id, expected, f"the last changeset is {found}", found=found)


def _unproven(path: Path, parent_id: str | None, expected: str, limits: Limits) -> VerifiedFile:
    if parent_id is None:
        return _invalid(path, None, expected, _UNPROVEN)
    return _computed(path, parent_id, expected, limits)


def _computed(path: Path, parent_id: str, expected: str | None, limits: Limits) -> VerifiedFile:
    try:
        found = compute_changeset_id(path, parent_id, limits=limits)
    except ChangesetFileError as error:
        return _invalid(path, parent_id, expected, error.reason)
    if expected not in {None, found}:
        return _invalid(
            path, parent_id, expected, f"the id computed from its content and parent is {found}", found=found
        )
    return VerifiedFile(path=path, id=found, parent_id=parent_id, expected_id=expected, is_valid=True)


def _invalid(
    path: str | os.PathLike[str], parent_id: str | None, expected: str | None, problem: str, *, found: str | None = None
) -> VerifiedFile:
    return VerifiedFile(
        path=Path(path), id=found, parent_id=parent_id, expected_id=expected, is_valid=False, problem=problem
    )
