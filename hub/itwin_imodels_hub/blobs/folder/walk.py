"""Finding the folders of blobs by the beginnings of their names."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from itwin_imodels_hub.blobs.name_syntax import is_leaf, name_of, parents_of_prefix


def names_below(top: Path, prefix: str) -> list[str]:
    """List, sorted, the names that begin with `prefix` and have a folder below `top`; others are not looked into."""
    parents = parents_of_prefix(prefix)
    if parents is None:
        return []
    names = map(name_of, _leaves(top / parents, parents))
    return sorted(name for name in names if name.startswith(prefix))


def _leaves(folder: Path, relative: PurePosixPath) -> Iterator[PurePosixPath]:
    try:
        entries = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:  # deleted meanwhile, or never there
        return
    for entry in entries:
        if is_leaf(entry):
            yield relative / entry
        else:
            yield from _leaves(folder / entry, relative / entry)
