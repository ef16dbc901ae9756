"""The open facts of ``spec/README.md``, and the findings that decide them: ``spec/open-facts.toml``."""

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from itwin_imodels._drift.finding import Finding, Kind
from scripts.specs.drift.places import response
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

FACTS = ROOT / "spec" / "open-facts.toml"

_KEYS = frozenset({"operations", "statuses", "kinds", "schemas", "places", "details", "basis"})


class Fact(NamedTuple):
    """An open fact and the findings that decide it, each described by a table of the file."""

    number: int
    title: str
    decided_by: tuple[Mapping[str, Any], ...]
    reason: str
    """Reason why no response can decide it; empty if a response can."""


def facts(path: Path = FACTS) -> list[Fact]:
    """Read the facts.

    Raises:
        ToolError: The file is not TOML, or a fact is incomplete or contradictory.
    """
    try:
        tables = tomllib.loads(read_bytes(path, "the list of open facts").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ToolError(f"{shown(path)}: not valid TOML: {error}") from error
    return [_fact(number, table, f"{shown(path)}: [{number}]") for number, table in tables.items()]


def _fact(number: str, table: dict[str, Any], place: str) -> Fact:
    patterns = tuple(table.get("decided_by", ()))
    reason = table.get("no_answer_decides", "")
    if not number.isdigit() or "title" not in table or bool(patterns) == bool(reason):
        raise ToolError(f"{place}: a fact requires a number, a title, and either decided_by or no_answer_decides")
    if unknown := set().union(*patterns) - _KEYS:
        raise ToolError(f"{place}: unknown key {', '.join(sorted(unknown))} in decided_by")
    return Fact(int(number), table["title"], patterns, reason)


def decides(fact: Fact, finding: Finding, document: dict[str, Any]) -> bool:
    """Return whether a finding concerns a fact."""
    return any(_matches(pattern, finding, document) for pattern in fact.decided_by)


def _matches(pattern: Mapping[str, Any], finding: Finding, document: dict[str, Any]) -> bool:
    kinds = pattern.get("kinds", [kind for kind in Kind if kind is not Kind.UNKNOWN_HEADER])
    return (
        finding.kind in kinds
        and finding.status in pattern.get("statuses", [finding.status])
        and _like(finding.operation, pattern.get("operations"))
        and _like(finding.schema, pattern.get("schemas"))
        and _like(finding.at, pattern.get("places"))
        and _like(finding.detail, pattern.get("details"))
        and ("basis" not in pattern or pattern["basis"] == _basis(finding, document))
    )


def _like(text: str, patterns: list[str] | None) -> bool:
    return patterns is None or any(fnmatchcase(text, each) for each in patterns)


def _basis(finding: Finding, document: dict[str, Any]) -> str:
    """Return the basis of an error code, or else of its response."""
    answer = response(document, finding.operation, finding.status)
    if answer is None:
        return ""
    inferred = finding.detail in answer.value.get("x-basis-inferred-codes", ())
    return "inferred" if inferred else str(answer.value.get("x-basis", ""))
