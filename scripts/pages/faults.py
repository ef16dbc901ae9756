"""The page that says what comes of each workflow whatever happens to its requests."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from scripts.faults import RECORD
from tests.faults.helpers.faults import ABOUT, COMPLETE, FAULTS
from tests.faults.helpers.workflows import WORKFLOWS

Outcomes = Mapping[str, Sequence[str]]


def lines() -> Iterator[str]:
    """The lines of the page."""
    record: Mapping[str, Outcomes] = json.loads(RECORD.read_text(encoding="utf-8"))
    yield "# What comes of failures"
    yield ""
    yield "Made by `make faults` and `make docs` from a run of the fault matrix; do not edit. Each of these"
    yield "workflows was run behind a proxy on which one of its requests failed, with either client. After each run the"
    yield "test checks that nothing is wrong: no changeset twice, no lost lock, no wrong file, no incomplete result, no"
    yield "secret in an error. [Errors and retries](errors.md) says what to do with each error."
    yield ""
    yield "**complete**: the client repeated the request, or looked at what had been done, and the result is right."
    yield "Several outcomes: it depends on the request."
    yield from ("", "## Failures", "", "| failure | what happens |", "|---|---|")
    for fault in FAULTS:
        yield f"| {_plain(fault.name)} | {ABOUT[fault.name]} |"
    for name, (work, _) in WORKFLOWS.items():
        yield from ("", f"## {name[0].upper()}{name[1:]}", "", (work.__doc__ or "").strip(), "")
        yield from _table(record[name])


def _table(outcomes: Outcomes) -> Iterator[str]:
    """One row for each outcome, with the failures that have it; what completes comes first."""
    rows: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for fault in FAULTS:
        if fault.name in outcomes:
            rows[tuple(outcomes[fault.name])].append(_plain(fault.name))
    yield from ("| failures | outcome |", "|---|---|")
    for found in sorted(rows, key=lambda each: (COMPLETE not in each, len(each), each)):
        yield f"| {', '.join(rows[found])} | {_outcome(found)} |"


def _outcome(found: Sequence[str]) -> str:
    names = [
        f"**{each}**" if each == COMPLETE else f"`{each}`" for each in sorted(found, key=lambda x: (x != COMPLETE, x))
    ]
    return ", ".join(names)


def _plain(name: str) -> str:
    """Write a name so that Markdown reads it as text."""
    return f"`{name}`" if set(name) & set("{}[]") else name
