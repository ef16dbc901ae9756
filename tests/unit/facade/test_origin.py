"""Links in responses are followed only within the API, so that the token is not sent elsewhere."""

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels._core.origin import checked_base_url, own_link
from itwin_imodels.errors import UnexpectedResponse

BASE = "https://api.bentley.com/imodels"
HOSTILE = [
    "https://evil.example/imodels/a",
    "http://api.bentley.com/imodels/a",
    "https://api.bentley.com:444/imodels/a",
    "https://api.bentley.com:port/imodels/a",
    "https://api.bentley.com:99999999/imodels/a",
    "https://api.bentley.com.evil.example/imodels/a",
    "https://evil.example#@api.bentley.com/imodels/a",
    "https://api.bentley.com@evil.example/imodels/a",
    "https://user@api.bentley.com/imodels/a",
    "https://user:password@api.bentley.com/imodels/a",
    "https://@api.bentley.com/imodels/a",
    "https://api.bentley.com\\@evil.example/imodels/a",
    "https://api.bentley.com\\.evil.example/imodels/a",
    "//evil.example/imodels/a",
    "/\\evil.example/imodels/a",
    "file:///imodels/a",
    "javascript:alert(1)",
    "data:text/plain,a",
    "https://api.bentley.com/imodels-other/a",
    "https://api.bentley.com/other",
    "https://api.bentley.com/",
    "https://api.bentley.com/imodels/../other",
    "https://api.bentley.com/imodels/%2e%2e/other",
    "https://api.bentley.com/imodels/.%2E/other",
    "https://api.bentley.com/imodels/a/%2E%2e",
    "https://api.bentley.com/imodels/%2e%2e%2fother",
    "https://api.bentley.com/imodels/..\\other",
    "../other",
    "/other",
    "https://[",
    "https://[::1/imodels",
    "http://[evil]/imodels",
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_link_that_leads_elsewhere_is_refused(link: str) -> None:
    """The error is an unexpected response with the target of the link."""
    with pytest.raises(UnexpectedResponse, match=r"not below https://api\.bentley\.com/imodels; it was not followed"):
        own_link(BASE, link)


@pytest.mark.parametrize(
    "link",
    [
        "https://api.bentley.com/imodels/a/changesets?$top=5&$skip=5",
        "https://api.bentley.com:443/imodels/a",
        "HTTPS://API.BENTLEY.COM/imodels/a",
        "https://api.bentley.com/imodels?iTwinId=a",
        "https://api.bentley.com/imodels/?iTwinId=a",
        "https://api.bentley.com/imodels/a?name=../b",
    ],
)
def test_a_link_of_the_api_is_followed(link: str) -> None:
    """It is unchanged, except for the case of its scheme."""
    assert own_link(BASE, link).lower() == link.lower()


def test_a_relative_link_is_below_the_api() -> None:
    """This applies with and without a leading slash, if the path matches."""
    assert own_link(BASE, "a/changesets?$skip=5") == f"{BASE}/a/changesets?$skip=5"
    assert own_link(BASE, "/imodels/a") == f"{BASE}/a"


def test_a_refused_link_keeps_its_signature_to_itself() -> None:
    """The text of the error does not contain the query."""
    with pytest.raises(UnexpectedResponse) as caught:
        own_link(BASE, "https://evil.example/a?sig=secret")
    assert "secret" not in str(caught.value)


links = st.text(max_size=40) | st.builds(
    "".join,
    st.lists(
        st.sampled_from(
            ["https:", "http:", "//", "/", "\\", "api.bentley.com", "evil.example", "@", ":", ":443", "imodels", "..",
             ".", "%2e", "%2f", "?", "#", "[", "]", "a", " ", "\t", "\n", "\r", "\x00", "\u2100", "\uff1b"]
        ),
        max_size=12,
    ),
)  # fmt: skip


@settings(deadline=None)
@given(links)
def test_whatever_is_followed_reaches_the_api_and_nothing_else(link: str) -> None:
    """This also applies to the URL parser of the HTTP client; all other links are unexpected responses."""
    try:
        followed = own_link(BASE, link)
    except UnexpectedResponse:
        return
    assert urlsplit(followed).hostname == "api.bentley.com"
    try:
        url = httpx.URL(followed)
    except httpx.InvalidURL:
        return
    assert (url.scheme, url.host, url.port, url.userinfo) == ("https", "api.bentley.com", None, b"")
    assert url.path == "/imodels" or url.path.startswith("/imodels/")


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://api.bentley.com/imodels", BASE),
        (" https://api.bentley.com/imodels/ ", BASE),
        ("http://127.0.0.1:5000/imodels", "http://127.0.0.1:5000/imodels"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_a_base_url_is_kept_without_a_slash_at_its_end(value: str, url: str) -> None:
    """White space around it is removed."""
    assert checked_base_url(value) == url


@pytest.mark.parametrize(
    "value",
    [
        "",
        "api.bentley.com/imodels",
        "ftp://api.bentley.com",
        "https://",
        "https://[",
        "https://api.bentley.com:port",
        "https://api.bentley.com:99999",
        "https://ada:secret@api.bentley.com",
        "ftp://ada:secret@api.bentley.com",
        "https://api.bentley.com?key=secret",
        "https://api.bentley.com#secret",
    ],
)
def test_what_is_no_address_of_an_api_is_refused(value: str) -> None:
    """The message names the argument and contains no possible secrets."""
    with pytest.raises(ValueError, match="base_url must") as caught:
        checked_base_url(value)
    assert "secret" not in str(caught.value)
