"""The differences between two definitions that matter to clients, and which of them break the facade.

The comparison is semantic: references, compositions and the notations of OpenAPI 3.0 and 3.1 are resolved first.
Descriptions, examples, links, callbacks, discriminators, the styles of parameters, ``not``, and all limits of responses
except formats are ignored.
"""

from typing import NamedTuple

from scripts.pages import commands
from scripts.specs import inventory
from scripts.specs.diff.compare import compare
from scripts.specs.diff.reliance import read_uses
from scripts.specs.diff.report import report
from scripts.specs.reliance import RELIANCE
from scripts.specs.shapes import Document
from scripts.toolkit import shown


class Explanation(NamedTuple):
    """The report, and whether any difference breaks the facade."""

    lines: list[str]
    breaking: bool


def explain(old: Document, new: Document, *, whole: bool = False) -> Explanation:
    """Compare two definitions with respect to what the facade relies on.

    Args:
        old: A definition that ``recognize`` accepted.
        new: Another such definition.
        whole: Whether the report lists everything instead of counting it.
    """
    methods = {row.operation_id: row.facade_method for row in inventory.rows()}
    used_by = {name: [*direct, *within] for name, (direct, within) in commands.by_operation().items()}
    differences = compare(old, new, read_uses(methods, used_by))
    note = (
        []
        if RELIANCE.exists()
        else [f"{shown(RELIANCE)} is missing: everything with a facade method counts as used", ""]
    )
    lines = report(differences, 0) if whole else report(differences)
    return Explanation([*note, *lines], any(each.remedy for each in differences))
