"""Changeset files: inspect, verify, create and apply them.

A changeset file (``.cs``) contains the changes of one push, recorded by SQLite's session extension and compressed. Its
id is computed from its content and the id of its parent.

- Verify: `verify_changesets` checks the files of a timeline in any order; `verify_changeset` and `compute_changeset_id`
  handle a single file.
- Read: `inspect_changeset` counts changes, `iter_changes` yields their values, and `read_session` returns the bytes for
  SQLite's own functions.
- Create: `record_changes` records the edits to a database, `write_changeset` writes recorded bytes, `invert_changesets`
  and `merge_changesets` transform other changesets, and `diff_databases` compares two databases.
- Apply: `apply_changesets` creates a database at another point in the timeline.

`docs/changesets.md` has an example of each.

Only `apply_changesets`, `record_changes`, and `invert_changesets` with a database require the extra ``checkpoint``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imodel_files._algebra import diff_databases, invert_changesets, merge_changesets
    from imodel_files._apply import apply_changesets
    from imodel_files._chain import ChainLink
    from imodel_files._change import Change, Operation
    from imodel_files._conflicts import (
        Conflict,
        ConflictAction,
        ConflictCause,
        ConflictColumn,
        ConflictHandler,
        ConflictPolicy,
    )
    from imodel_files._errors import (
        BrokenChainError,
        ChangeRecordingError,
        ChangesetApplyError,
        ChangesetConflictError,
        ChangesetFileError,
        ChangesetIdMismatchError,
        ChangesetInvertError,
        ChangesetMergeError,
        CorruptStreamError,
        DatabaseDiffError,
        DictionaryTooLargeError,
        MalformedPrefixError,
        MalformedSessionError,
        NotAChangesetFileError,
        OutputLimitError,
        PatchsetError,
        PrefixTooLargeError,
        SessionLimitError,
        TrailingBytesError,
        TruncatedFileError,
        UnsupportedVersionError,
    )
    from imodel_files._fields import NO_VALUE, NoValue, Value
    from imodel_files._ids import compute_changeset_id, verify_changeset
    from imodel_files._limits import DEFAULT_LIMITS, Limits
    from imodel_files._reading import read_session
    from imodel_files._recording import ChangeRecording, record_changes
    from imodel_files._report import ApplyReport, ConflictCount, SkippedStatement, SkippedTable
    from imodel_files._summary import ChangesetSummary, TableChanges, inspect_changeset, iter_changes
    from imodel_files._verifying import VerifiedFile, verify_changesets
    from imodel_files._writing import WrittenChangeset, write_changeset

__all__ = [
    "DEFAULT_LIMITS",
    "NO_VALUE",
    "ApplyReport",
    "BrokenChainError",
    "ChainLink",
    "Change",
    "ChangeRecording",
    "ChangeRecordingError",
    "ChangesetApplyError",
    "ChangesetConflictError",
    "ChangesetFileError",
    "ChangesetIdMismatchError",
    "ChangesetInvertError",
    "ChangesetMergeError",
    "ChangesetSummary",
    "Conflict",
    "ConflictAction",
    "ConflictCause",
    "ConflictColumn",
    "ConflictCount",
    "ConflictHandler",
    "ConflictPolicy",
    "CorruptStreamError",
    "DatabaseDiffError",
    "DictionaryTooLargeError",
    "Limits",
    "MalformedPrefixError",
    "MalformedSessionError",
    "NoValue",
    "NotAChangesetFileError",
    "Operation",
    "OutputLimitError",
    "PatchsetError",
    "PrefixTooLargeError",
    "SessionLimitError",
    "SkippedStatement",
    "SkippedTable",
    "TableChanges",
    "TrailingBytesError",
    "TruncatedFileError",
    "UnsupportedVersionError",
    "Value",
    "VerifiedFile",
    "WrittenChangeset",
    "apply_changesets",
    "compute_changeset_id",
    "diff_databases",
    "inspect_changeset",
    "invert_changesets",
    "iter_changes",
    "merge_changesets",
    "read_session",
    "record_changes",
    "verify_changeset",
    "verify_changesets",
    "write_changeset",
]

if not TYPE_CHECKING:
    _HOMES = {
        "_algebra": ("diff_databases", "invert_changesets", "merge_changesets"),
        "_apply": ("apply_changesets",),
        "_chain": ("ChainLink",),
        "_conflicts": (
            "Conflict",
            "ConflictAction",
            "ConflictCause",
            "ConflictColumn",
            "ConflictHandler",
            "ConflictPolicy",
        ),
        "_errors": (
            "BrokenChainError",
            "ChangeRecordingError",
            "ChangesetApplyError",
            "ChangesetConflictError",
            "ChangesetFileError",
            "ChangesetIdMismatchError",
            "ChangesetInvertError",
            "ChangesetMergeError",
            "CorruptStreamError",
            "DatabaseDiffError",
            "DictionaryTooLargeError",
            "MalformedPrefixError",
            "MalformedSessionError",
            "NotAChangesetFileError",
            "OutputLimitError",
            "PatchsetError",
            "PrefixTooLargeError",
            "SessionLimitError",
            "TrailingBytesError",
            "TruncatedFileError",
            "UnsupportedVersionError",
        ),
        "_fields": ("NO_VALUE", "NoValue", "Value"),
        "_ids": ("compute_changeset_id", "verify_changeset"),
        "_limits": ("DEFAULT_LIMITS", "Limits"),
        "_reading": ("read_session",),
        "_recording": ("ChangeRecording", "record_changes"),
        "_report": ("ApplyReport", "ConflictCount", "SkippedStatement", "SkippedTable"),
        "_change": ("Change", "Operation"),
        "_summary": ("ChangesetSummary", "TableChanges", "inspect_changeset", "iter_changes"),
        "_verifying": ("VerifiedFile", "verify_changesets"),
        "_writing": ("WrittenChangeset", "write_changeset"),
    }
    """The modules that define the public names. They are imported on first use."""
    _MODULES = {name: module for module, names in _HOMES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"imodel_files.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return all public names."""
    return sorted(__all__)
