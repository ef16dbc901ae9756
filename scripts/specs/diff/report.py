"""The report on differences: a summary, groups of similar differences, and a verdict."""

import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from scripts.specs.diff.compare import API
from scripts.specs.diff.differences import Difference

_API, _USED, _NEW, _UNUSED, _BREAKING = (
    "The API as a whole",
    "Used by the facade, compatible",
    "New, not exposed",
    "Not used by the facade",
    "Breaking",
)

_WIDTH = 110
_MANY = {_NEW: 100, _BREAKING: 8}
_MANY_ELSEWHERE = 4
"""Maximum number of schemas for which a common difference is listed separately; higher if it is new or breaking."""

_NAMES = 4
"""Maximum number of names to list; the remaining ones are counted."""

_KINDS = {
    "required": "whether required",
    "null": "whether nullable",
    "partial": "whether in all alternatives",
    API: "of the API as a whole",
}
"""Descriptions of kinds whose name is not self-explanatory."""

_UNITS = {
    "query": "parameters",
    "header": "headers",
    "path": "parameters",
    "answer header": "headers",
    "error": "statuses",
}
_PARTS = {*_UNITS, "operation", "body", "answer"}
"""Homes that are parts of an operation; all other homes are names of schemas."""


class _Group(NamedTuple):
    """Similar differences: one line of the report, or one entry of the verdict."""

    head: str
    what: str
    differences: list[Difference]


def report(differences: Collection[Difference], names: int = _NAMES) -> list[str]:
    """Return the lines of the report.

    Args:
        differences: The result of ``compare``.
        names: Maximum number of names per line; 0 lists all, and each schema separately.
    """
    if not differences:
        return ["no difference for a client", "", "compatible with the facade"]
    sections: dict[str, list[Difference]] = {title: [] for title in (_API, _USED, _NEW, _UNUSED, _BREAKING)}
    for each in differences:
        sections[_section(each)].append(each)
    breaking = _groups(sections.pop(_BREAKING), _BREAKING, names)
    lines = [_summary(differences, len(breaking))]
    for title, members in sections.items():
        if members:
            lines += ["", f"{title}:"]
            lines += [_line(group, title, names) for group in _groups(members, title, names)]
    lines += ["", *(_verdict(breaking, names) if breaking else ["compatible with the facade"])]
    return [short for line in lines for short in _wrapped(line)]


def _section(difference: Difference) -> str:
    if difference.remedy:
        return _BREAKING
    if difference.kind == API:
        return _API
    if difference.use.methods:
        return _USED
    return _NEW if difference.kind == "added" else _UNUSED


def _summary(differences: Iterable[Difference], breaking: int) -> str:
    places = dict.fromkeys((each.kind, each.home, each.what) for each in differences)
    counts = Counter(kind for kind, _, _ in places)
    kinds = ", ".join(f"{number} {_KINDS.get(kind, kind)}" for kind, number in counts.most_common())
    return f"{_differences(len(places))} ({kinds}); {breaking or 'none'} breaking for the facade"


def _differences(number: int) -> str:
    return f"{number} {'difference' if number == 1 else 'differences'}"


def _groups(differences: Iterable[Difference], section: str, names: int) -> list[_Group]:
    """Group by schema, kind and direction; then merge groups that many schemas share."""
    many = _MANY.get(section, _MANY_ELSEWHERE)
    listed = 0 if section in _MANY else names
    found: dict[tuple[str, str, str], dict[str, list[Difference]]] = {}
    for each in differences:
        homes = found.setdefault((each.what, _verb(each), each.remedy), {})
        homes.setdefault(each.home.name, []).append(each)
    groups = []
    for (what, _, _), homes in found.items():
        if names and len(homes) > many:
            groups.append(_Group(_many(homes, names), what, [*chain.from_iterable(homes.values())]))
        else:
            groups += [_Group(_head(home, members, listed), what, members) for home, members in homes.items()]
    return groups


def _many(homes: dict[str, list[Difference]], names: int) -> str:
    sizes = {home: len(_members(members)) for home, members in homes.items()}
    largest = sorted(sizes, key=lambda home: -sizes[home])
    text = [f"{home} {sizes[home]}" if sizes[home] > 1 else _head(home, homes[home], 0) for home in largest]
    return f"{sum(sizes.values())} properties of {len(homes)} schemas ({_short(text, names)})"


def _members(differences: list[Difference]) -> list[str]:
    return list(dict.fromkeys(each.home.member for each in differences))


def _head(home: str, differences: list[Difference], names: int) -> str:
    members = _members(differences)
    if len(members) == 1:
        joint = " " if home in _PARTS or differences[0].kind == API or not members[0] else "."
        return f"{home}{joint}{members[0]}".strip()
    unit = "" if differences[0].kind == API or home == "operation" else f" {_UNITS.get(home, 'properties')}"
    return f"{home}: {len(members)}{unit} ({_short(members, names)})"


def _line(group: _Group, section: str, names: int) -> str:
    operations = _operations(group)
    if section == _USED:
        about = _users(group, names)
    elif section == _API and len(operations) > 1:
        about = f"{len(operations)} operations"
    else:
        side = {None: "", True: "requests of ", False: "responses of "}[group.differences[0].sent]
        about = side + _short(operations, names)
    return f"  {group.head}: {group.what}" + (f" — {about}" if about and about not in group.head else "")


def _operations(group: _Group) -> list[str]:
    return [name for name in dict.fromkeys(each.operation for each in group.differences) if name]


def _verdict(breaking: list[_Group], names: int) -> Iterator[str]:
    yield f"breaking: the facade needs {len(breaking)} {'change' if len(breaking) == 1 else 'changes'}"
    for group in breaking:
        yield f"  {group.head}: {group.what}"
        if group.differences[0].use.methods:
            yield f"    in {_short(_operations(group), names)}; {_users(group, names)}"
        yield f"    to do: {group.differences[0].remedy}"


def _users(group: _Group, names: int) -> str:
    uses = [each.use for each in group.differences]
    methods = dict.fromkeys(chain.from_iterable(use.methods for use in uses))
    commands = dict.fromkeys(chain.from_iterable(use.commands for use in uses))
    text = f"{_verb(group.differences[0])} {_short(methods, names)}"
    return f"{text}; commands: {_short(commands, names)}" if commands else text


def _verb(difference: Difference) -> str:
    return {None: "used by", True: "sent by", False: "read by"}[difference.sent]


def _short(names: Iterable[str], limit: int) -> str:
    """Join names; if there are more than `limit` + 1, list `limit` of them and count the rest."""
    found = list(names)
    if not limit or len(found) <= limit + 1:
        return ", ".join(found)
    return f"{', '.join(found[:limit])} and {len(found) - limit} more"


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
