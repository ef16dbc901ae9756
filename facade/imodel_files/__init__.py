"""iModel file formats. This package does not use the network.

`imodel_files.changesets` reads and writes changeset files, `imodel_files.changes` reads changes to elements, and
`imodel_files.cloud_sqlite` reads and writes block-based checkpoints. All errors about the content of files derive from
`FileError`.
"""

from imodel_files._file_error import FileError

__all__ = ["FileError"]
