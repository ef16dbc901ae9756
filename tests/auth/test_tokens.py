"""Access tokens, share keys and environments: accepted values, and secrets that are never shown."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._auth.tokens import token_of
from itwin_imodels._core.environments import api_url, authority_url
from itwin_imodels.auth import AccessToken, ShareKey

TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl"  # noqa: S105 - of nobody


@pytest.mark.parametrize("secret", [AccessToken(TOKEN), ShareKey(TOKEN), AccessToken(TOKEN, datetime.now(UTC))])
def test_a_secret_is_not_shown(secret: AccessToken | ShareKey) -> None:
    """Neither `str` nor `repr` shows it."""
    assert TOKEN not in f"{secret} {secret!r} {[secret]}"


@pytest.mark.parametrize("kind", [AccessToken, ShareKey])
@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "nul\0", "ümlaut"])
def test_what_cannot_stand_in_a_header_is_refused_unseen(kind: type[AccessToken | ShareKey], value: str) -> None:
    """The error describes the problem without the value."""
    with pytest.raises(ValueError, match="must") as caught:
        kind(value)
    assert not value or value not in str(caught.value)


@pytest.mark.parametrize("kind", [AccessToken, ShareKey])
def test_what_is_no_text_is_refused(kind: type[AccessToken | ShareKey]) -> None:
    """The error names the argument and the type."""
    with pytest.raises(TypeError, match=r"(value|key) must be a string, not bytes"):
        kind(b"abc")  # type: ignore[arg-type]


def test_the_end_of_a_token_has_a_zone() -> None:
    """A naive time or another type is rejected."""
    with pytest.raises(ValueError, match="expires_at must have a time zone"):
        AccessToken(TOKEN, datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(TypeError, match="expires_at must be a datetime, not int"):
        AccessToken(TOKEN, 3600)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [TOKEN, f"Bearer {TOKEN}", f"bearer  {TOKEN}\n", f"  {TOKEN}  "])
def test_a_leading_bearer_is_left_out(text: str) -> None:
    """It is often copied together with the token."""
    assert token_of(text, "auth").value == TOKEN


@given(st.text(max_size=30))
def test_any_text_is_a_token_for_a_header_or_refused(text: str) -> None:
    """No accepted text can end a header or start another one."""
    try:
        value = token_of(text, "auth").value
    except ValueError:
        return
    assert value in text
    assert all("!" <= letter <= "~" for letter in value)


@pytest.mark.parametrize(
    ("name", "api", "authority"),
    [
        ("production", "https://api.bentley.com/imodels", "https://ims.bentley.com"),
        ("qa", "https://qa-api.bentley.com/imodels", "https://qa-ims.bentley.com"),
        ("dev", "https://dev-api.bentley.com/imodels", "https://qa-ims.bentley.com"),
    ],
)
def test_each_environment_has_its_hosts(name: str, api: str, authority: str) -> None:
    """The vendor's deployments."""
    assert api_url(name) == api
    assert authority_url(name) == authority


@pytest.mark.parametrize("of", [api_url, authority_url])
def test_an_unknown_environment_is_reported_with_the_known_ones(of: object) -> None:
    """The error lists the accepted names."""
    assert callable(of)
    with pytest.raises(ValueError, match="environment must be one of 'production', 'qa', 'dev', not 'test'"):
        of("test")
