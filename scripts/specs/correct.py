"""Correct the downloaded definition for the generator."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from scripts.specs import answers, corrections, distinct, form, identity, lint, overlay, parts, reliance, uplift
from scripts.specs.definition import DEFINITION
from scripts.specs.inventory import Row, rows
from scripts.specs.matching import matches
from scripts.specs.proposals import proposed_rows
from scripts.specs.references import broken_references
from scripts.specs.walk import Finding, located, pointer_text
from scripts.toolkit import ToolError, shown

_REMEDY = "correct it with an overlay in spec/overlays"


def corrected(document: dict[str, Any], overlays: list[Path]) -> dict[str, Any]:
    """Return the definition for the generator: overlaid, normalized, named by the inventory, with relaxed responses.

    Raises:
        ToolError: An operation was moved, an overlay fails, or the generator could not process the result. The message
            contains file and pointer.
    """
    inventory = rows()
    proposed_rows(document, inventory)
    overlaid = _overlaid(document, overlays, inventory)
    result = in_one_form(overlaid, inventory)
    _stop_at(overlaid, [*lint.problems(result), *identity.outside(result, inventory)])
    return identity.relative(result, inventory)


def readable(document: dict[str, Any], overlays: list[Path]) -> dict[str, Any]:
    """Return a definition for reading: overlaid, OpenAPI 3.1, named by the inventory, responses as written.

    Raises:
        ToolError: An overlay fails.
    """
    inventory = rows()
    overlaid = uplift.to_3_1(_overlaid(document, overlays, inventory))
    return identity.relative(identity.named(parts.inlined(overlaid), inventory), inventory)


def in_one_form(document: dict[str, Any], inventory: Collection[Row]) -> dict[str, Any]:
    """Return a definition in the form that the generator needs, with its original paths.

    Raises:
        ToolError: It has broken references or is not valid OpenAPI.
    """
    for broken in broken_references(document):
        raise ToolError(f"{shown(DEFINITION)}: {broken}; {_REMEDY}")
    modern = uplift.to_3_1(document)
    _stop_at(document, form.malformed(modern))
    inlined = parts.inlined(modern)
    _stop_at(document, form.malformed(inlined))  # a reference can lead to a part of another kind
    plain = corrections.applied(inlined)
    record = reliance.load() if reliance.RELIANCE.exists() else {}
    return distinct.distinct(answers.relax_responses(identity.named(plain, inventory)), record)


def _overlaid(document: dict[str, Any], overlays: list[Path], inventory: Collection[Row]) -> dict[str, Any]:
    for path in overlays:
        before = _known(document, inventory)
        document = overlay.apply(document, path)
        if lost := before - _known(document, inventory):
            raise ToolError(f"{shown(path)}: removes operations: {', '.join(sorted(lost))}; narrow its targets")
    return document


def _known(document: dict[str, Any], inventory: Collection[Row]) -> set[str]:
    return {match.row.operation_id for match in matches(document, inventory) if match.row}


def _stop_at(written: dict[str, Any], findings: Iterable[Finding]) -> None:
    """Raise ToolError if there are findings; the first is reported at its place in the original definition."""
    messages = dict.fromkeys(f"{pointer_text(located(written, place))}: {what}" for place, what in findings)
    if messages:
        more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
        raise ToolError(f"{shown(DEFINITION)}: {next(iter(messages))}{more}; {_REMEDY}")
