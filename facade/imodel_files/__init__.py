"""File formats that iModels travel in. Standard library only; no network.

Changeset files: `imodel_files.changesets`.
"""

__all__: list[str] = []
