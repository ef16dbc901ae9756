"""Find the folders of blobs by name prefix."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from itwin_imodels_hub.blobs.name_syntax import is_leaf, name_of, parents_of_prefix


def names_below(top: Path, prefix: str) -> list[str]:
    """Return the sorted names of blobs below `top` that start with `prefix`, without scanning unrelated folders."""
    parents = parents_of_prefix(prefix)
    if parents is None:
        return []
    names = map(name_of, _leaves(top / parents, parents))
    return sorted(name for name in names if name.startswith(prefix))


def _leaves(folder: Path, relative: PurePosixPath) -> Iterator[PurePosixPath]:
    try:
        entries = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:  # deleted in the meantime, or never created
        return
    for entry in entries:
        if is_leaf(entry):
            yield relative / entry
        else:
            yield from _leaves(folder / entry, relative / entry)
