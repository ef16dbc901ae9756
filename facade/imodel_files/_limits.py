"""Limits on the resources that a changeset file may use."""

from typing import Final

import attrs

_MIB = 1 << 20


@attrs.frozen(kw_only=True)
class Limits:
    """Limits on the resources that reading a file may use.

    Files that exceed a limit other than `conflicts` or `rows_in_memory` are rejected. Raise a limit only for files that
    you trust.

    Attributes:
        dictionary: Maximum size of the compression dictionary, in bytes. The decoder may allocate this much memory. The
            default is the size that the native library of iTwin.js uses.
        prefix: Maximum size of the schema part, in bytes.
        output: Maximum size of the decompressed content, in bytes.
        ratio: Maximum ratio of decompressed to compressed size. Real files reach about 22. The first 64 MiB
            of output are exempt.
        values: Maximum total size of the strings and blobs of a row, in bytes, when values are read or applied.
            Functions that only count changes ignore this limit.
        memory: Maximum size, in bytes, of changes that must be in memory at once: the result of `read_session`, and the
            net changes of `merge_changesets` and `invert_changesets`.
        tables: Maximum number of tables in a file.
        table_name: Maximum length of a table name, in bytes.
        ddl_seconds: Maximum duration, in seconds, of the DDL of a changeset, and separately of updating what is derived
            from the schema.
        conflicts: Maximum number of conflicts that a report lists; it counts all of them.
        class_rows: Maximum number of rows of each kind (classes, properties …) that describe the classes of an iModel.
        rows_in_memory: Maximum number of row changes that are combined in memory; if there are more, temporary files
            are used.
    """

    dictionary: int = 16 * _MIB
    prefix: int = _MIB
    output: int = 4096 * _MIB
    ratio: int = 1000
    values: int = 64 * _MIB
    memory: int = 512 * _MIB
    tables: int = 4096
    table_name: int = 1024
    ddl_seconds: float = 600
    conflicts: int = 1000
    class_rows: int = 1_000_000
    rows_in_memory: int = 250_000


DEFAULT_LIMITS: Final = Limits()
