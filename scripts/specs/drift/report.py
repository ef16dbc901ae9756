"""The drift report, which is also a valid OpenAPI overlay."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import yaml

from itwin_imodels._drift.finding import Finding, Kind
from scripts.specs.drift.facts import Fact, decides
from scripts.specs.drift.proposal import Proposal, evidence, proposals

_WIDTH = 120


def report(document: dict[str, Any], counts: Mapping[Finding, int], open_facts: list[Fact]) -> str:
    """Return the report: a summary, the proposed changes, differences to review, and the open facts that are decided.

    Args:
        document: The definition.
        counts: Recorded findings, each with the number of responses that show it.
        open_facts: Facts that the definition leaves open.
    """
    proposed = proposals(document, counts)
    lines = [
        *_summary(counts, proposed),
        *_overlay(proposed),
        *_notes(proposed),
        *_decided(document, counts, open_facts),
    ]
    return "\n".join(lines) + "\n"


def _summary(counts: Mapping[Finding, int], proposed: list[Proposal]) -> Iterator[str]:
    compared = sum(count for each, count in counts.items() if each.kind is Kind.COMPARED)
    operations = len({each.operation for each in counts})
    changes = sum(bool(each.actions) for each in proposed)
    yield f"# {compared} responses of {operations} operations were compared with the definition."
    yield f"# {changes} proposed changes, {len(proposed) - changes} differences to review."


def _overlay(proposed: list[Proposal]) -> Iterator[str]:
    changes = [each for each in proposed if each.actions]
    if not changes:
        return
    yield "overlay: 1.0.0"
    yield 'info: { title: Observed responses of the service, version: "1" }'
    yield "actions:"
    for group, members in groupby(changes, key=lambda each: each.group):
        yield ""
        yield f"  # {group}"
        actions = [action.as_overlay(each.description) for each in members for action in each.actions]
        text = yaml.safe_dump(actions, sort_keys=False, allow_unicode=True, width=_WIDTH)
        yield from (f"  {line}" for line in text.splitlines())


def _notes(proposed: list[Proposal]) -> Iterator[str]:
    notes = [each for each in proposed if not each.actions]
    if notes:
        yield "\n# To review: differences that require no change to the definition, or one to be written by hand"
    for group, members in groupby(notes, key=lambda each: each.group):
        yield f"#   {group}"
        yield from (f"#     {each.description}" for each in members)


def _decided(document: dict[str, Any], counts: Mapping[Finding, int], open_facts: list[Fact]) -> Iterator[str]:
    yield "\n# Open facts of spec/README.md that these responses decide"
    decided = 0
    for fact in open_facts:
        found = sorted(each for each in counts if decides(fact, each, document))
        if not found:
            continue
        decided += 1
        yield f"#   {fact.number}. {fact.title}"
        for heading, is_compared in (("differs", False), ("as defined", True)):
            yield from _evidence_lines(
                heading, [each for each in found if (each.kind is Kind.COMPARED) is is_compared], counts
            )
    if not decided:
        yield "#   none"


def _evidence_lines(heading: str, found: list[Finding], counts: Mapping[Finding, int]) -> Iterator[str]:
    def subject(finding: Finding) -> str:
        kind = "" if finding.kind is Kind.COMPARED else str(finding.kind)
        place = f"{finding.schema} {finding.at}".strip()
        return " ".join(part for part in (kind, place, finding.detail) if part)

    for text, members in groupby(sorted(found, key=subject), key=subject):
        yield f"#      {heading}: {f'{text}, ' if text else ''}{evidence(list(members), counts)}"
