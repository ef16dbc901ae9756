"""File formats that iModels travel in. Standard library only; no network.

Changeset files: `imodel_files.changesets`. Checkpoints in blocks: `imodel_files.cloud_sqlite`.
"""

__all__: list[str] = []
