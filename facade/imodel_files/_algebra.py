"""The ways into making changesets from others. What does the work is loaded when it is first needed."""

import os
from collections.abc import Iterable

from imodel_files._chain import ChainLink
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._writing import WrittenChangeset


def merge_changesets(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write one changeset that has the effect of several which follow one another.

    Rows are merged as SQLite's change groups merge them. A row that is inserted and then updated is inserted with the
    last values; inserted and then deleted, it is not in the result; deleted and then inserted again, it is updated, or
    not in the result if it is as before. A change that is impossible after an earlier one, such as a second insert, is
    ignored. A change of the result is indirect if all changes of its row are.

    The DDL of all changesets comes first, in its order; of the definitions of one index only the last stays. A table
    may gain columns on the way: rows from before get the default values that the DDL states. The changes of a table are
    dropped where DDL drops it.

    Memory holds the net changes: at most `Limits.memory` bytes.

    Args:
        files: Changeset files in the order of the timeline. Each follows the one before it. A file without a
            `ChainLink` that is named by its id, ``<id>.cs``, is verified; the id of any other is computed.
        target: The file to write, or an existing folder in which it gets the name ``<id>.cs``; an existing file is
            replaced.
        parent_id: The id of the changeset before the first file. When None, what the first `ChainLink` says; for a
            path, that there is none.
        limits: What each file may claim.

    Returns:
        The changeset. Its parent is that of the first file.

    Raises:
        BrokenChainError: A file does not follow the one before it.
        ChangesetIdMismatchError: A file gives another id than its own.
        ChangesetMergeError: A table that was changed is renamed, loses a column, or gets another key or columns with
            unknown default values.
        ChangesetFileError: A file is not a whole changeset file, or something is not within the limits.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    from imodel_files._merging import merged  # noqa: PLC0415 - see above

    return merged(files, target, parent_id=parent_id, limits=limits)


def invert_changesets(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    database: str | os.PathLike[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write one changeset that takes back changesets which follow one another.

    Inserts become deletes, deletes inserts, and updates exchange their old and new values; which changes are indirect
    stays. Several changesets are merged first, as `merge_changesets` does it.

    DDL is not taken back, as the vendor's library does not either: the tables, columns and indexes that the changesets
    made stay, the tables and columns empty. The notes of the result name the changesets with DDL. DDL that drops or
    renames a table, or drops a column, cannot be taken back at all, since no changeset holds the rows.

    Where changes do not fit the result of the changesets before them, the files do not record what was overridden or
    skipped. The inverse then leads to the values before the first change of each row. With `database`, it leads back to
    that database exactly: the files are applied to a copy, and what they changed in it is inverted.

    A single file is inverted as a stream. For several, memory holds the net changes: at most `Limits.memory` bytes.

    Args:
        files: Changeset files in the order of the timeline. Each follows the one before it. A file without a
            `ChainLink` that is named by its id, ``<id>.cs``, is verified; the id of any other is computed.
        target: The file to write, or an existing folder in which it gets the name ``<id>.cs``; an existing file is
            replaced.
        parent_id: The id of the changeset before the first file. When None, what the first `ChainLink` says; for a
            path, that there is none.
        database: A database at the changeset before the first file; it is only read. Needs the extra ``checkpoint``,
            and for a while the space of the database once more.
        limits: What each file may claim.

    Returns:
        The changeset. Its parent is the last of the files, so that it can be pushed after it.

    Raises:
        BrokenChainError: A file does not follow the one before it.
        ChangesetIdMismatchError: A file gives another id than its own.
        ChangesetApplyError: A changeset cannot be applied to the database.
        ChangesetInvertError: The DDL of a changeset cannot be taken back.
        ChangesetMergeError: The changesets cannot be merged.
        DatabaseDiffError: The database is in use.
        ChangesetFileError: A file is not a whole changeset file, or something is not within the limits.
        ImportError: The database needs the extra, which is not installed.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    from imodel_files._inverting import inverse  # noqa: PLC0415 - see above

    return inverse(files, target, parent_id=parent_id, database=database, limits=limits)


def diff_databases(
    before: str | os.PathLike[str],
    after: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write the changeset that turns one database into another.

    It holds the rows of all tables with a primary key, as SQLite's `sqlite3session_diff` does, but compares values
    byte by byte whatever the collation of their column. Tables, indexes, views and triggers that differ become DDL: new
    ones are created, missing ones dropped. Columns at the end of a table are added; a table whose columns differ in
    another way is dropped and made anew, with all its rows.

    Not in the result, but in its notes if they differ: tables without a primary key, rows with NULL in it, virtual
    tables. Tables that belong to one file of an iModel alone are left out: ``be_Local``, the journal ``dgn_Txns``, and
    the spatial and text indexes.

    The databases are only read, and must be at rest. Memory does not grow with them.

    Args:
        before: The database that the changeset can be applied to.
        after: The database that comes out.
        target: The file to write, or an existing folder in which it gets the name ``<id>.cs``; an existing file is
            replaced.
        parent_id: The id of the changeset that the first database is at; ``""`` for the baseline. When None, what the
            database notes.
        limits: What a reader will allow.

    Returns:
        The changeset. It has no changes if the databases have the same content.

    Raises:
        DatabaseDiffError: A file is not a database, is damaged or in use, or holds a row larger than the limits.
        PrefixTooLargeError: The DDL is larger than the limits allow.
        ValueError: The parent's id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    from imodel_files._diffing import difference  # noqa: PLC0415 - see above

    return difference(before, after, target, parent_id=parent_id, limits=limits)
