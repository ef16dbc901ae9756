"""The XML of the storage protocols: written as strings, parsed without entities or document types."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import TypeGuard
from xml.parsers import expat

from itwin_imodels_hub.blobs.folder.records import Block, BlockSource

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_BLOCK_LIST = "BlockList"
_MAX_DEPTH = 2


class MarkupError(ValueError):
    """A body is not the expected XML."""


def parse_block_list(body: bytes) -> list[tuple[BlockSource, str]]:
    """Parse the body of Put Block List.

    Args:
        body: `<BlockList>` with `<Committed>`, `<Uncommitted>` and `<Latest>` in any order.

    Returns:
        The source and id of each block.

    Raises:
        MarkupError: The body is not a block list, or has a document type.
    """
    reader = _BlockListReader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.refuse_document_type
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)  # noqa: FBT003 - positional only
    except expat.ExpatError as error:
        raise MarkupError(f"The body is not well-formed: {error}.") from error
    return reader.entries


def block_list(committed: Iterable[Block] | None, uncommitted: Iterable[Block] | None) -> str:
    """Return the body of the Get Block List response; a list that is None is omitted."""
    return element(
        _BLOCK_LIST, _blocks("CommittedBlocks", committed), _blocks("UncommittedBlocks", uncommitted), head=True
    )


def element(name: str, *content: str, attributes: Mapping[str, str] | None = None, head: bool = False) -> str:
    """Return an element that contains markup."""
    written = "".join(f' {key}="{escape(value)}"' for key, value in (attributes or {}).items())
    return f"{_HEAD if head else ''}<{name}{written}>{''.join(content)}</{name}>"


def text(name: str, value: str | int | None) -> str:
    """Return an element that contains escaped text; the element is empty if the value is None."""
    return f"<{name} />" if value is None else element(name, escape(str(value)))


def _blocks(name: str, blocks: Iterable[Block] | None) -> str:
    if blocks is None:
        return ""
    return element(
        name, *(element("Block", text("Name", block.block_id), text("Size", block.size)) for block in blocks)
    )


class _BlockListReader:
    """Parser handlers that collect the blocks."""

    def __init__(self) -> None:
        self.entries: list[tuple[BlockSource, str]] = []
        self._depth = 0
        self._text: list[str] = []

    def refuse_document_type(self, *_: object) -> None:
        raise MarkupError("A DOCTYPE declaration is not permitted.")

    def start(self, name: str, _: object) -> None:
        self._depth += 1
        known = name == _BLOCK_LIST if self._depth == 1 else _is_source(name)
        if not known or self._depth > _MAX_DEPTH:
            raise MarkupError(f"Unexpected element {name}.")
        self._text.clear()

    def text(self, data: str) -> None:
        if self._depth == _MAX_DEPTH:
            self._text.append(data)
        elif data.strip():
            raise MarkupError("Unexpected text outside the blocks.")

    def end(self, name: str) -> None:
        if self._depth == _MAX_DEPTH and _is_source(name):
            self.entries.append((name, "".join(self._text).strip()))
        self._depth -= 1


def _is_source(name: str) -> TypeGuard[BlockSource]:
    return name in {"Committed", "Uncommitted", "Latest"}
