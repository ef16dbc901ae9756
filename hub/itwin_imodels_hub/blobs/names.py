"""Names of blobs."""


def folder(imodel_id: str) -> str:
    """Everything of an iModel."""
    return f"imodel-{imodel_id}/"


def baseline(imodel_id: str) -> str:
    """The baseline file."""
    return f"{folder(imodel_id)}baseline/{imodel_id}.bim"


def changeset(imodel_id: str, changeset_id: str) -> str:
    """A changeset file."""
    return f"{folder(imodel_id)}changesets/{changeset_id}.cs"


def checkpoint(imodel_id: str, index: int) -> str:
    """A checkpoint in one file."""
    return f"{folder(imodel_id)}checkpoints/{index}.bim"


def checkpoint_directory(imodel_id: str, index: int) -> str:
    """A checkpoint in blocks that was brought along with a manifest of its own."""
    return f"{folder(imodel_id)}checkpoints/{index}"


def checkpoint_blocks(imodel_id: str) -> str:
    """The checkpoints in blocks that the hub makes, all in one directory."""
    return f"{folder(imodel_id)}checkpoint-blocks"


def thumbnail(imodel_id: str, size: str) -> str:
    """An uploaded picture."""
    return f"{folder(imodel_id)}thumbnail-{size}.png"


def upload(name: str) -> str:
    """Where a file is uploaded to; links that outlive its confirmation cannot change what was confirmed."""
    head, _, tail = name.partition("/")
    return f"{head}/uploads/{tail}"
