"""How much of this machine a changeset file may claim."""

from typing import Final

import attrs

_MIB = 1 << 20


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds on what reading a file may take. Files beyond them are refused; raise a bound for files you trust.

    Attributes:
        dictionary: Largest dictionary of the compression, in bytes. The decoder may come to hold that much. The native
            writer uses 16 MiB, which is the default.
        prefix: Largest part before the changes, in bytes.
        output: Most bytes a file may unpack to.
        ratio: How many times its own size a file may unpack to, at least 1. Real files reach about 22. The first
            64 MiB that come out are not held to it.
        values: Most that the texts and blobs of one row may take together, in bytes, where values are read or applied.
            Counting changes passes over larger ones.
        memory: Most bytes of changes that are held at a time, where they cannot be passed on one by one: by
            `read_session`, and the net changes by `merge_changesets` and `invert_changesets`.
        tables: Most tables in one file.
        table_name: Longest name of a table, in bytes.
        ddl_seconds: Longest that the DDL of one changeset, and deriving what follows from its schema, may take, in
            seconds.
        conflicts: Most conflicts that a report lists; it counts all of them.
        class_rows: Most rows of one kind (classes, properties …) that may describe the classes of an iModel.
        rows_in_memory: Most changed rows that are put together in memory; further ones go through temporary files.
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
