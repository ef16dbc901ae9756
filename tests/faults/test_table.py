"""The record of the whole matrix, the source of docs/faults.md, has the same cells as the matrix."""

import json
from typing import TYPE_CHECKING

from itwin_imodels import errors
from scripts.faults import RECORD
from tests.faults.helpers.faults import COMPLETE, FAULTS
from tests.faults.helpers.workflows import WORKFLOWS
from tests.faults.test_matrix import NOT_SEEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def test_every_workflow_and_failure_is_recorded() -> None:
    """Each with outcomes that are documented."""
    record: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(RECORD.read_text(encoding="utf-8"))
    cells = {(workflow, fault) for workflow, faults in record.items() for fault in faults}
    wanted = {(workflow, fault.name) for workflow in WORKFLOWS for fault in FAULTS}
    assert cells == wanted - NOT_SEEN, "run 'make faults' and 'make docs'"
    outcomes = {outcome for faults in record.values() for found in faults.values() for outcome in found}
    assert outcomes - {COMPLETE} <= set(errors.__all__)
