"""Changes to elements: which elements changesets insert, update and delete, and which of their properties.

`ChangeReader` reads changeset files or a mirror together with the database of the iModel. It combines the rows of each
element, determines its class, and names and decodes its properties, for one changeset or for the net effect of many.
`docs/changesets.md` has examples.

Only the exports to Arrow and Parquet require an extra: ``arrow``.
"""

from imodel_files._change_errors import (
    ChangesetOrderError,
    ElementIndexError,
    InvalidIModelError,
    MissingChangesetError,
)
from imodel_files._change_export import (
    AnyChange,
    arrow_batches,
    arrow_table,
    change_record,
    write_csv,
    write_jsonl,
    write_parquet,
)
from imodel_files._change_files import (
    MirroredFile,
    Place,
    PointInTimeline,
    PushedChangeset,
    TimelineMirror,
)
from imodel_files._change_instances import (
    AspectChange,
    Code,
    ElementChange,
    ElementChangeType,
    InstanceChange,
    ModelChange,
    RelationshipChange,
    RowChange,
    TimelineChangeset,
)
from imodel_files._change_parts import PropertyChange
from imodel_files._change_reader import ChangeReader
from imodel_files._change_summaries import ClassSummary
from imodel_files._change_values import Blob, PropertyValue
from imodel_files._class_model import InstanceKind
from imodel_files._element_history import HistoryEntry
from imodel_files._fields import NO_VALUE, NoValue
from imodel_files._ordering import order_changesets
from imodel_files._session import Operation

__all__ = [
    "NO_VALUE",
    "AnyChange",
    "AspectChange",
    "Blob",
    "ChangeReader",
    "ChangesetOrderError",
    "ClassSummary",
    "Code",
    "ElementChange",
    "ElementChangeType",
    "ElementIndexError",
    "HistoryEntry",
    "InstanceChange",
    "InstanceKind",
    "InvalidIModelError",
    "MirroredFile",
    "MissingChangesetError",
    "ModelChange",
    "NoValue",
    "Operation",
    "Place",
    "PointInTimeline",
    "PropertyChange",
    "PropertyValue",
    "PushedChangeset",
    "RelationshipChange",
    "RowChange",
    "TimelineChangeset",
    "TimelineMirror",
    "arrow_batches",
    "arrow_table",
    "change_record",
    "order_changesets",
    "write_csv",
    "write_jsonl",
    "write_parquet",
]
