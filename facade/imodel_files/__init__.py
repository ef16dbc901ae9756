"""File formats of iModels. No network.

Changeset files: `imodel_files.changesets`. Checkpoints in blocks: `imodel_files.cloud_sqlite`. All errors about files
are `FileError`.
"""

from imodel_files._file_error import FileError

__all__ = ["FileError"]
