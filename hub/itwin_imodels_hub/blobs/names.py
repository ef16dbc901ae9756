"""Blob names of the parts of an iModel."""


def folder(imodel_id: str) -> str:
    """Return the name prefix of all blobs of an iModel."""
    return f"imodel-{imodel_id}/"


def baseline(imodel_id: str) -> str:
    """Return the name of the baseline file."""
    return f"{folder(imodel_id)}baseline/{imodel_id}.bim"


def changeset(imodel_id: str, changeset_id: str) -> str:
    """Return the name of a changeset file."""
    return f"{folder(imodel_id)}changesets/{changeset_id}.cs"


def checkpoint(imodel_id: str, index: int) -> str:
    """Return the name of a checkpoint stored as one file."""
    return f"{folder(imodel_id)}checkpoints/{index}.bim"


def checkpoint_directory(imodel_id: str, index: int) -> str:
    """Return the directory of a checkpoint that was imported as blocks with its own manifest."""
    return f"{folder(imodel_id)}checkpoints/{index}"


def checkpoint_blocks(imodel_id: str) -> str:
    """Return the directory of all checkpoints that the hub stores as blocks."""
    return f"{folder(imodel_id)}checkpoint-blocks"


def thumbnail(imodel_id: str, size: str) -> str:
    """Return the name of an uploaded thumbnail."""
    return f"{folder(imodel_id)}thumbnail-{size}.png"


def upload(name: str) -> str:
    """Return the name under which a file is uploaded; an upload link cannot change the confirmed file."""
    head, _, tail = name.partition("/")
    return f"{head}/uploads/{tail}"
