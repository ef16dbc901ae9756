"""Invalid characters in the JSON of responses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._operations.json_body import parse_json

texts = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\\u\ud83d\ude00\ud800d8"))
"""Any text: halves of surrogate pairs are among it, next to each other and to backslashes too."""


@given(st.dictionaries(texts, texts) | st.lists(texts))
def test_every_text_can_be_written(value: object) -> None:
    """Surrogate pairs become their character, lone surrogates U+FFFD, and nothing else changes."""
    content = json.dumps(value).encode()
    found = json.dumps(parse_json(content), ensure_ascii=False)
    expected = json.dumps(json.loads(content), ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert (
        found.encode()
        == expected.decode("utf-8", "surrogatepass")
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
        .encode()
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"a": "\xed\xa0\x80"}', b"\xff\xfe[\x00]\x00", b"[" * 100_000, b"9" * 5000],
    ids=["empty", "cut", "surrogate", "UTF-16", "deep", "long number"],
)
def test_what_is_not_json(content: bytes) -> None:
    """All problems raise the same error."""
    with pytest.raises(ValueError):  # noqa: PT011 - its kind is all that callers rely on
        parse_json(content)


def test_a_byte_order_mark() -> None:
    """It is skipped."""
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]
