"""What differs for a client between two versions of a definition. Meanings are compared, not texts.

``$ref``, ``allOf`` and the spellings of OpenAPI 3.0 and 3.1 are read away first, so a definition that was only
rearranged equals itself. Which difference breaks a client is said by the tables and the small rules that follow
them. Descriptions, examples, tags, links, callbacks, discriminators and ``not`` are left out of account.
"""

from collections.abc import Collection, Iterator, Mapping

from scripts.specs.diff.endpoints import Endpoint, compare_endpoints, endpoints
from scripts.specs.diff.places import JOINT, Change, Family, Place, compare_named
from scripts.specs.diff.reading import Document, as_list, as_mapping, literal
from scripts.specs.walk import resolved


def compare(old: Document, new: Document) -> list[Change]:
    """What a client of ``old`` meets when the service is as ``new`` says, in the definition's order.

    Raises:
        KeyError: A ``$ref`` points nowhere; no definition that was recognised has one.
    """
    kinds = Family[Endpoint](
        place=lambda found: Place((found.operation.id,)),
        compare=compare_endpoints,
        kind=lambda _: "operation",
    )
    return [
        *compare_named(endpoints(old), endpoints(new), kinds),
        *_compare_texts("server", _servers(old), _servers(new)),
        *_compare_texts("security scheme", _schemes(old), _schemes(new)),
    ]


def _servers(document: Document) -> dict[str, str]:
    return {url: url for url in (str(as_mapping(one).get("url")) for one in as_list(document.get("servers")))}


def _schemes(document: Document) -> dict[str, str]:
    schemes = as_mapping(as_mapping(document.get("components")).get("securitySchemes"))
    return {name: _undescribed(as_mapping(resolved(document, node))) for name, node in schemes.items()}


def _undescribed(scheme: Document) -> str:
    return literal({key: value for key, value in scheme.items() if key != "description"})


def _compare_texts(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Compare what concerns the whole API; the facade has its own settings for these."""
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            word = "removed" if name not in new else "added" if name not in old else "changed"
            yield Change(breaking=False, where=f"{kind} {name}", what=word)


def report(changes: Collection[Change]) -> list[str]:
    """The changes as lines of text: breaking ones first, each operation's together, the counts last."""
    if not changes:
        return ["no semantic difference"]
    order = {group: index for index, group in enumerate(dict.fromkeys(map(_group, changes)))}
    lines = [
        f"{'BREAKING' if change.breaking else 'compatible':<10} {change.where}: {change.what}"
        for change in sorted(changes, key=lambda one: (not one.breaking, order[_group(one)]))
    ]
    breaking = sum(change.breaking for change in changes)
    return [*lines, f"{_count(breaking, 'breaking')}, {_count(len(changes) - breaking, 'compatible')}"]


def _group(change: Change) -> str:
    return change.where.split(JOINT)[0]


def _count(number: int, kind: str) -> str:
    return f"{number} {kind} {'change' if number == 1 else 'changes'}"
