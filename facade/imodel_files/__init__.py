"""iModel file formats. This package does not use the network.

`imodel_files.changesets` handles changeset files, `imodel_files.changes` the changes to elements, and
`imodel_files.cloud_sqlite` checkpoints in blocks. All errors about files derive from `FileError`.
"""

from imodel_files._file_error import FileError

__all__ = ["FileError"]
