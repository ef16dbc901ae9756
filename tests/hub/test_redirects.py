"""Permitted redirect URIs, without ways around the rule."""

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels_hub.basis.redirects import can_be_registered, form_target, is_loopback, may_redirect
from itwin_imodels_hub.basis.settings import HubSettings

GOOD = (
    "http://localhost:3000/signin-callback",
    "http://127.0.0.1:1/",
    "http://127.0.0.1",
    "http://[::1]:65535/a/b",
    "http://localhost/%2f~x;y=1",
)
TRICKS = (
    "",
    "/signin-callback",
    "//127.0.0.1/",
    "https://localhost:3000/",
    "HTTP://localhost/",
    "http://LOCALHOST/",
    "http:/127.0.0.1/",
    "http:127.0.0.1/",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://evil.example/127.0.0.1",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1:80@evil.example/",
    "http://evil.example#@127.0.0.1/",
    "http://evil.example\\@127.0.0.1/",
    "http://127.0.0.1\\.evil.example/",
    "http://127.0.0.1:3000/cb#fragment",
    "http://127.0.0.1:3000/cb?code=stolen",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:-1/",
    "http://127.0.0.1:٣٠٠٠/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0.0.0.0/",
    "http://[::ffff:127.0.0.1]/",
    "http://127.0.0.2/",
    "http://localhost:3000/\r\nSet-Cookie: a=b",
    "http://localhost:3000/\n",
    " http://localhost:3000/",
    "http://localhost:3000/ü",
    "http://ⓛocalhost/",
    "javascript:alert(1)//http://localhost/",
    "data:text/html,http://localhost/",
    f"http://localhost/{'a' * 2048}",
)


@pytest.mark.parametrize("uri", GOOD)
def test_addresses_of_the_same_machine_are_allowed(uri: str) -> None:
    """This applies to any port and any path."""
    assert may_redirect(uri, ())
    assert can_be_registered(uri)


@pytest.mark.parametrize("uri", TRICKS)
def test_tricks_are_refused(uri: str) -> None:
    """Whatever a browser may make of them."""
    assert not may_redirect(uri, ())


@given(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["http://", "http:", "https://", "//", "http:\\\\", "javascript:"]),
        st.sampled_from(["localhost", "127.0.0.1", "[::1]", "evil.example", "a@localhost", "localhost@a", "a"]),
        st.sampled_from(["", ":80", ":", ":99999", "#", "?", "\\", ".", "%00"]),
        st.one_of(st.just(""), st.text(max_size=20).map("/{}".format), st.text(max_size=10)),
    )
)
def test_what_is_allowed_leads_to_the_same_machine(uri: str) -> None:
    """Another URL parser agrees."""
    if not is_loopback(uri):
        return
    parts = urlsplit(uri)
    assert parts.scheme == "http"
    assert parts.username is None
    assert parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    assert not parts.query
    assert not parts.fragment
    assert uri.isascii()
    assert uri.isprintable()


@pytest.mark.parametrize("uri", ["https://app.example/cb?a=1", "com.example.app:/cb", "app://cb"])
def test_further_addresses_count_to_the_letter(uri: str) -> None:
    """A registered URI is permitted, and no similar one."""
    registered = HubSettings(redirect_uris=[uri]).redirect_uris  # type: ignore[arg-type] # as TOML has it
    assert may_redirect(uri, registered)
    for other in (f"{uri}/", f"{uri}#", uri.upper(), uri.replace("cb", "c%62"), uri.replace("example", "example.org")):
        assert other == uri or not may_redirect(other, registered)


@pytest.mark.parametrize(
    "uri",
    ["", "cb", "/cb", "https:///cb", "https://a@b/", "https://a/#b", "https://a;b/", "javascript:x", "data:x", "a:b\n"],
)
def test_what_no_code_is_sent_to_cannot_be_registered(uri: str) -> None:
    """A mistake in the settings shows at the start."""
    with pytest.raises(ValueError, match="not a valid redirect URI"):
        HubSettings(redirect_uris=(uri,))


def test_one_text_is_no_list() -> None:
    """Its letters are not meant."""
    with pytest.raises(TypeError, match="expected a list"):
        HubSettings(public_clients="native-abc")  # type: ignore[arg-type] # that is the mistake
    with pytest.raises(ValueError, match="visible ASCII"):
        HubSettings(public_clients=("my app",))


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("http://127.0.0.1:3000/cb", "http://127.0.0.1:3000"),
        ("https://app.example/cb?a=1", "https://app.example"),
        ("http://[::1]:3000/cb", "http:"),  # the policy has no word for such a host
        ("com.example.app:/cb", "com.example.app:"),
    ],
)
def test_the_policy_names_the_place(uri: str, target: str) -> None:
    """The browser therefore permits the redirect after the form."""
    assert form_target(uri) == target
