"""Convert recorded findings to proposed changes to the definition, as actions of an OpenAPI overlay."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from itwin_imodels._drift.finding import Finding, Kind
from scripts.specs.drift.places import Node, json_path, parts, response, responses, schema
from scripts.specs.walk import Pointer

_CODE_LISTS = {
    Kind.UNKNOWN_CODE: "x-error-codes",
    Kind.UNKNOWN_DETAIL_CODE: "x-detail-codes",
    Kind.UNKNOWN_INNER_CODE: "x-inner-codes",
}
_ORDER = list(Kind)
_MAX_SHOWN = 5
"""Number of operations to name as evidence; the remaining ones are counted."""

_ANY_OF = ("anyOf", "oneOf")


class Action(NamedTuple):
    """An action of an overlay."""

    target: str
    update: Any = None
    """The value to merge; None removes the target."""

    def as_overlay(self, description: str) -> dict[str, Any]:
        """Return the action in the form of an overlay."""
        change = {"remove": True} if self.update is None else {"update": self.update}
        return {"target": self.target, "description": description, **change}


class Proposal(NamedTuple):
    """A proposed change to one place, or a note if no change can be proposed."""

    group: str
    description: str
    actions: tuple[Action, ...]


class _Subject(NamedTuple):
    """The subject of several findings: the same difference at the same place in the definition."""

    kind: Kind
    operation: str
    status: int
    schema: str
    at: str

    @classmethod
    def of(cls, finding: Finding) -> "_Subject":
        """Return the subject of a finding. The subject of a named schema does not depend on the operation."""
        if finding.schema:
            return cls(finding.kind, "", 0, finding.schema, finding.at)
        return cls(finding.kind, finding.operation, finding.status, "", finding.at)

    @property
    def group(self) -> str:
        """The heading of the group in the report."""
        return f"schema {self.schema}" if self.schema else f"operation {self.operation}"


def proposals(document: dict[str, Any], counts: Mapping[Finding, int]) -> list[Proposal]:
    """Propose changes to a definition.

    Args:
        document: The definition.
        counts: Recorded findings, each with the number of responses that show it.

    Returns:
        One proposal for each place and kind of difference, operations before schemas.
    """
    subjects: dict[_Subject, list[Finding]] = defaultdict(list)
    for finding in counts:
        if finding.kind is not Kind.COMPARED:
            subjects[_Subject.of(finding)].append(finding)
    ordered = sorted(subjects, key=lambda each: (each.group, each.status, _ORDER.index(each.kind), each.at))
    return [_proposal(document, subject, sorted(subjects[subject]), counts) for subject in ordered]


def evidence(findings: list[Finding], counts: Mapping[Finding, int]) -> str:
    """Return a text with the operations and the number of responses in which findings were seen."""
    answers = Counter[str]()
    for finding in findings:
        answers[f"{finding.operation} {finding.status}"] += counts[finding]
    shown = [f"{name} ({_answers(count)})" for name, count in answers.most_common(_MAX_SHOWN)]
    more = [f"{len(answers) - _MAX_SHOWN} more"] if len(answers) > _MAX_SHOWN else []
    return "seen in " + ", ".join([*sorted(shown), *more])


def _answers(count: int) -> str:
    return "1 response" if count == 1 else f"{count} responses"


def _proposal(
    document: dict[str, Any], subject: _Subject, findings: list[Finding], counts: Mapping[Finding, int]
) -> Proposal:
    details = sorted({each.detail for each in findings if each.detail})
    actions = tuple(_actions(document, subject, details))
    shown = " ".join(
        part for part in (str(subject.kind), subject.at, f"({', '.join(details)})" if details else "") if part
    )
    hint = "" if actions else f"; {_hint(subject.kind)}"
    return Proposal(subject.group, f"{shown}: {evidence(findings, counts)}{hint}", actions)


def _hint(kind: Kind) -> str:
    hints = {
        Kind.UNKNOWN_HEADER: "describe the header if clients need it",
        Kind.UNKNOWN_VALUE: "the definition expects further values: find this one in the documentation and add it",
        Kind.NO_BODY: "the definition promises a body: check whether the response has content",
        Kind.NOT_JSON: "the body claims to be JSON: nothing to change in the definition",
    }
    return hints.get(kind, "this definition has no such place, or the name cannot be shown: look at a response")


def _actions(document: dict[str, Any], subject: _Subject, details: list[str]) -> Iterator[Action]:
    answer = response(document, subject.operation, subject.status)
    if subject.kind in _OF_RESPONSES:
        yield from _OF_RESPONSES[subject.kind](document, subject, answer, details)
    elif subject.kind in _OF_SCHEMAS:
        yield from _OF_SCHEMAS[subject.kind](document, subject, answer, details)


def _add_status(document: dict[str, Any], subject: _Subject, _: Node | None, __: list[str]) -> Iterator[Action]:
    holder = responses(document, subject.operation)
    if holder is not None:
        yield Action(json_path(holder.pointer), {str(subject.status): {"description": "Seen, not documented."}})


def _add_media_type(
    document: dict[str, Any], subject: _Subject, answer: Node | None, details: list[str]
) -> Iterator[Action]:
    pointer = _answer_pointer(document, subject, answer)
    known = [each for each in details if not each.startswith("(")]
    if pointer and known:
        yield Action(json_path(pointer), {"content": {each: {} for each in known}})


def _add_codes(
    document: dict[str, Any], subject: _Subject, answer: Node | None, details: list[str]
) -> Iterator[Action]:
    pointer = _answer_pointer(document, subject, answer)
    known = [each for each in details if not each.startswith("(")]
    if pointer and known:
        yield Action(json_path(pointer), {_CODE_LISTS[subject.kind]: known})


def _answer_pointer(document: dict[str, Any], subject: _Subject, answer: Node | None) -> Pointer | None:
    """Return the pointer of the response, or its future pointer if the status is to be added."""
    if answer is not None:
        return answer.pointer
    holder = responses(document, subject.operation)
    return None if holder is None else (*holder.pointer, str(subject.status))


def _add_property(
    document: dict[str, Any], subject: _Subject, answer: Node | None, details: list[str]
) -> Iterator[Action]:
    owner, _, name = subject.at.rpartition(".")
    node = None if name.startswith("(") else schema(document, subject.schema, owner, answer)
    holders = [] if node is None else [each for each in parts(document, node) if "properties" in each.value]
    if holders:
        yield Action(json_path(holders[0].pointer), {"properties": {name: _schema_of_types(document, details)}})


def _allow_missing(document: dict[str, Any], subject: _Subject, answer: Node | None, _: list[str]) -> Iterator[Action]:
    owner, __, name = subject.at.rpartition(".")
    node = schema(document, subject.schema, owner, answer)
    for each in parts(document, node) if node is not None else ():
        if name in each.value.get("required", ()):
            yield Action(f"{json_path(each.child('required').pointer)}[?@ == '{name}']")


def _allow_types(
    document: dict[str, Any], subject: _Subject, answer: Node | None, details: list[str]
) -> Iterator[Action]:
    node = schema(document, subject.schema, subject.at, answer)
    if node is None:
        return
    path = json_path(node.pointer)
    further = [{"type": each} for each in details]
    composed = next((key for key in _ANY_OF if key in node.value), None)
    if details == ["null"] and _is_3_0(document) and "$ref" not in node.value:
        yield Action(path, {"nullable": True})
    elif "type" in node.value:
        present = node.value["type"]
        yield Action(path, {"type": details if isinstance(present, list) else [present, *details]})
    elif composed:
        yield Action(path, {composed: further})
    elif "$ref" in node.value:
        yield Action(path, {"anyOf": [{"$ref": node.value["$ref"]}, *further]})
        yield Action(json_path((*node.pointer, "$ref")))


def _open_values(document: dict[str, Any], subject: _Subject, answer: Node | None, _: list[str]) -> Iterator[Action]:
    node = schema(document, subject.schema, subject.at, answer)
    for each in parts(document, node) if node is not None else ():
        if "enum" in each.value and not each.value.get("x-extensible-enum"):
            yield Action(json_path((*each.pointer, "enum")))


def _schema_of_types(document: dict[str, Any], types: list[str]) -> dict[str, Any]:
    """Return a schema for the types that were seen; it accepts any value if only null was seen."""
    some = [each for each in types if each != "null"]
    if not some:
        return {}
    result: dict[str, Any] = {"items": {}} if "array" in some else {}
    if len(some) == 1 and (len(types) == 1 or _is_3_0(document)):
        return {"type": some[0], **result, **({"nullable": True} if "null" in types else {})}
    return {"type": types, **result}


def _is_3_0(document: dict[str, Any]) -> bool:
    return str(document["openapi"]).startswith("3.0")


_Maker = Callable[[dict[str, Any], _Subject, Node | None, list[str]], Iterator[Action]]

_OF_RESPONSES: Mapping[Kind, _Maker] = {
    Kind.UNKNOWN_STATUS: _add_status,
    Kind.UNKNOWN_MEDIA_TYPE: _add_media_type,
    **dict.fromkeys(_CODE_LISTS, _add_codes),
}
_OF_SCHEMAS: Mapping[Kind, _Maker] = {
    Kind.UNKNOWN_PROPERTY: _add_property,
    Kind.MISSING_PROPERTY: _allow_missing,
    Kind.OTHER_TYPE: _allow_types,
    Kind.UNKNOWN_VALUE: _open_values,
}
