"""Entry points for creating changesets from others. The implementations are imported on first use."""

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
    """Write one changeset that has the effect of several consecutive ones.

    Rows are merged as SQLite's change groups merge them. A row that is inserted and then updated becomes an insert with
    the last values. A row that is inserted and then deleted is omitted. A row that is deleted and then inserted again
    becomes an update, or is omitted if it is unchanged. A change that is impossible after an earlier one, such as a
    second insert, is ignored. A change in the result is indirect if all changes to its row are.

    The DDL of all changesets comes first, in order; of several definitions of an index, only the last one is kept. A
    table may gain columns in between: older rows get the default values that the DDL states. If the DDL drops a table,
    the preceding changes to it are discarded.

    The net changes are held in memory: at most `Limits.memory` bytes.

    Args:
        files: Consecutive changeset files in the order of the timeline. A file that has no `ChainLink` and is named by
            its id, ``<id>.cs``, is verified; the id of any other file is computed.
        target: The file to write, or an existing folder, in which the file is named ``<id>.cs``. An existing file is
            replaced.
        parent_id: The id of the parent of the first file. None uses the parent of the first `ChainLink`; for a path, it
            means that there is no parent.
        limits: Limits on the size, memory and time that reading a file may take; see `Limits` for the defaults.

    Returns:
        The changeset. Its parent is the parent of the first file.

    Raises:
        BrokenChainError: A file does not follow the one before it.
        ChangesetIdMismatchError: The content of a file does not match its id.
        ChangesetMergeError: A changed table is renamed, loses a column, gets another key, or gets columns with unknown
            default values.
        ChangesetFileError: A file is not a complete changeset file, or a limit is exceeded.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    from imodel_files._merging import merge  # noqa: PLC0415 - see above

    return merge(files, target, parent_id=parent_id, limits=limits)


def invert_changesets(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    database: str | os.PathLike[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write one changeset that reverts consecutive changesets.

    Inserts become deletes, deletes become inserts, and updates exchange their old and new values. Indirect changes stay
    indirect. Several changesets are merged first, as `merge_changesets` does.

    As with the native library of iTwin.js, DDL is not reverted: tables, columns and indexes that the changesets created
    stay, and the tables and columns are empty. The notes of the result list the changesets with DDL. DDL that drops or
    renames a table, or drops a column, cannot be reverted, because no changeset contains the lost or moved data.

    If changes conflict with the result of the preceding changesets, the files do not record what was overridden or
    skipped. The inverse then restores the values before the first change to each row. With `database`, it restores
    exactly that database: the files are applied to a copy, and the resulting changes are inverted. That is not possible
    if the DDL renames a column.

    A single file is inverted as a stream. For several, the net changes are held in memory: at most `Limits.memory`
    bytes.

    Args:
        files: Consecutive changeset files in the order of the timeline. A file that has no `ChainLink` and is named by
            its id, ``<id>.cs``, is verified; the id of any other file is computed.
        target: The file to write, or an existing folder, in which the file is named ``<id>.cs``. An existing file is
            replaced.
        parent_id: The id of the parent of the first file. None uses the parent of the first `ChainLink`; for a path, it
            means that there is no parent.
        database: A database at the changeset before the first file; it is only read. Requires the extra ``checkpoint``
            and, temporarily, disk space for a copy of the database.
        limits: Limits on the size, memory and time that reading a file may take; see `Limits` for the defaults.

    Returns:
        The changeset. Its parent is the changeset of the last file, so that it can be pushed next.

    Raises:
        BrokenChainError: A file does not follow the one before it.
        ChangesetIdMismatchError: The content of a file does not match its id.
        ChangesetApplyError: A changeset cannot be applied to the database, or the database is in use.
        ChangesetInvertError: The DDL of a changeset cannot be reverted, or not with `database`.
        ChangesetMergeError: The changesets cannot be merged.
        DatabaseDiffError: The effect on the database exceeds the limits.
        ChangesetFileError: A file is not a complete changeset file, or a limit is exceeded.
        ImportError: `database` is given, and the extra is not installed.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    from imodel_files._inverting import invert  # noqa: PLC0415 - see above

    return invert(files, target, parent_id=parent_id, database=database, limits=limits)


def diff_databases(
    before: str | os.PathLike[str],
    after: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write the changeset that turns one database into another.

    It contains the differing rows of all tables with a primary key, like SQLite's `sqlite3session_diff`, but values
    are compared byte by byte, regardless of the collation of their column. Differences in tables, indexes, views and
    triggers become DDL: new ones are created, missing ones dropped. Columns at the end of a table are added; a table
    whose columns differ in another way is dropped and recreated with all its rows.

    The result does not contain tables without a primary key, rows with NULL in the key, or virtual tables; the notes of
    the result list them if they differ. Tables that are specific to one file of an iModel are ignored: ``be_Local``,
    the journal ``dgn_Txns``, and the spatial and text indexes.

    The databases are only read, and must not be in use. Memory use does not depend on their size.

    Args:
        before: The database to which the changeset can be applied.
        after: The database that results.
        target: The file to write, or an existing folder, in which the file is named ``<id>.cs``. An existing file is
            replaced.
        parent_id: The id of the changeset that the first database is at; ``""`` for the baseline. None uses the
            changeset that the database records.
        limits: Limits that readers of the file will apply.

    Returns:
        The changeset. It has no changes if the databases have the same content.

    Raises:
        DatabaseDiffError: A file is not a database, is damaged or in use, or contains a row that exceeds the limits.
        PrefixTooLargeError: The DDL exceeds the limits.
        ValueError: The parent's id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    from imodel_files._diffing import diff  # noqa: PLC0415 - see above

    return diff(before, after, target, parent_id=parent_id, limits=limits)
