"""Signing in at a hub, as clients and browsers do and as they should not."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from authlib.oidc.discovery import OpenIDProviderMetadata  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import func, select
from starlette.applications import Starlette

from itwin_imodels_hub import NewUser, read_config
from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.identity import DEMO_USERS, Credentials, identity_routes
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.schema import tokens
from itwin_imodels_hub.store.sign_in_schema import sign_in_tokens, sign_ins, signing_keys
from tests.depth import samples
from tests.hub.helpers.serving import served
from tests.hub.helpers.visitor import CALLBACK, Visitor, answer_of, challenge_of

WEB_APP = ("ada-application", "ada-secret")


@pytest.fixture
def settings() -> HubSettings:
    """Register further applications for sign-in."""
    return HubSettings(
        public_clients=("native-abc",),
        redirect_uris=("https://app.example/cb?x=1", "com.example:/cb"),
        trusted_proxies=("127.0.0.1",),
        allowed_hosts=("hub.example",),
        sign_in_by_choice=True,
    )


@pytest.fixture
def visitor(hub: Hub, address: str) -> Iterator[Visitor]:
    """Yield a visitor of the hub."""
    del hub
    with closing_visitor(address) as visitor:
        yield visitor


def closing_visitor(address: str) -> closing[Visitor]:
    """Yield a visitor for the duration of a block."""
    return closing(Visitor(address))


def refused(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a rejection, which must not be cached."""
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]


def claims_of(visitor: Visitor, id_token: str) -> dict[str, Any]:
    """Read an ID token as a client does, with the published keys."""
    document = visitor.api.get(f"{visitor.hub}/.well-known/openid-configuration").json()
    keys = KeySet.import_key_set(visitor.api.get(document["jwks_uri"]).json())
    return dict(jwt.decode(id_token, keys, algorithms=["RS256"]).claims)


# As it should be.


def test_a_user_signs_in(visitor: Visitor) -> None:
    """The page, the way back, and tokens that act as the user."""
    answer = visitor.choose("Grace")
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("st&te ü", visitor.hub)
    response = visitor.exchange(answer["code"])
    body = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert body["scope"] == "openid profile email itwin-platform offline_access"
    assert visitor.api_status(body["access_token"]) == 200
    told = visitor.api.get(
        f"{visitor.hub}/connect/userinfo", headers={"Authorization": f"Bearer {body['access_token']}"}
    )
    assert told.json()["name"] == "Grace Okafor"


def test_who_has_signed_in_is_the_author(visitor: Visitor, ada: Any, itwin: str) -> None:
    """Created entities belong to the user and come from the client."""
    headers = {"Authorization": f"Bearer {visitor.tokens('Grace')['access_token']}"}
    made = visitor.api.post(f"{visitor.hub}/imodels/", json={"iTwinId": itwin, "name": "M"}, headers=headers)
    path = f"{visitor.hub}/imodels/{made.json()['iModel']['id']}"
    briefcase = visitor.api.post(f"{path}/briefcases", headers=headers).json()["briefcase"]
    assert briefcase["application"] == {"id": "imodels-cli", "name": "imodels-cli"}
    owner = ada.client.get(f"{path}/users/{briefcase['ownerId']}").json()["user"]
    assert owner["email"] == "grace.okafor@example.com"


def test_the_id_token_is_what_it_should_be(hub: Hub, visitor: Visitor) -> None:
    """Signed with a published key, by the hub's clock, and bound to nonce and access token."""
    hub.clock.advance(timedelta(days=400))
    body = visitor.tokens("Ada", nonce="n-0S6_WzA2Mj")
    claims = claims_of(visitor, body["id_token"])
    now = hub.clock.now().timestamp()
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (visitor.hub, "imodels-cli", "n-0S6_WzA2Mj")
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - now) < 60
    assert abs(claims["auth_time"] - now) < 60
    assert claims["preferred_username"] == "ada"
    CodeIDToken(claims, {"alg": "RS256"}, params={"access_token": body["access_token"]}).validate(now=now)


def test_claims_are_those_of_the_scope(visitor: Visitor) -> None:
    """Without profile and email only the id is included; without openid there is no ID token."""
    claims = claims_of(visitor, visitor.tokens(scope="openid itwin-platform")["id_token"])
    assert claims.keys() == {"iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "sub"}
    plain = visitor.tokens(scope="itwin-platform", nonce=None)
    assert plain.keys() == {"token_type", "access_token", "expires_in", "scope"}
    assert visitor.tokens(scope=None)["scope"] == "itwin-platform"


def test_a_token_without_the_api_does_not_open_it(visitor: Visitor) -> None:
    """It only identifies the user."""
    token = visitor.tokens(scope="openid email")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert visitor.api_status(token) == 401
    told = visitor.api.post(f"{visitor.hub}/connect/userinfo", headers=headers).json()
    assert told.keys() == {"sub", "email", "email_verified"}


def test_a_web_application_signs_users_in_with_its_secret(visitor: Visitor) -> None:
    """The secret is in the header or in the body; with it, PKCE is optional."""
    form = {"client_id": None, "redirect_uri": "https://app.example/cb?x=1", "code_verifier": None}
    for pkce in (visitor.verifier, None):
        changes = {"code_challenge": pkce and challenge_of(pkce), "code_challenge_method": pkce and "S256"}
        page = visitor.ask(client_id="ada-application", redirect_uri="https://app.example/cb?x=1", **changes)
        (user, *_) = re.findall(r'name="user" value="([^"]+)"', page.text)
        answer = answer_of(visitor.submit(page, user=user), "https://app.example/cb")
        assert answer["x"] == "1"
        code = answer["code"]
        assert refused(visitor.exchange(code, **{**form, "client_id": "ada-application"})) == (401, "invalid_client")
        data = {"grant_type": "authorization_code", "code": code, **form, "code_verifier": pkce}
        assert visitor.post("token", data, auth=WEB_APP).status_code == 200


def test_other_clients_of_the_settings(visitor: Visitor) -> None:
    """Named in the settings, they may sign users in like the command line."""
    code = visitor.choose(client_id="native-abc")["code"]
    assert visitor.exchange(code, client_id="native-abc").status_code == 200
    page = visitor.ask(redirect_uri="com.example:/cb")
    location = visitor.submit(page, cancel="yes").headers["location"]
    assert location.startswith("com.example:/cb?error=access_denied&")


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    """They are lists, and times in seconds."""
    file = tmp_path / "hub.toml"
    file.write_text('[settings]\npublic_clients = ["a"]\nredirect_uris = ["https://a/b"]\ncode_lifetime = 5\n')
    settings = read_config(file).settings
    assert settings.public_clients == ("a",)
    assert settings.redirect_uris == ("https://a/b",)
    assert settings.code_lifetime == timedelta(seconds=5)


def test_discovery(visitor: Visitor) -> None:
    """The document is valid, has existing endpoints, and the host of the request."""
    document = visitor.api.get(f"{visitor.hub}/.well-known/openid-configuration").json()
    OpenIDProviderMetadata(document).validate_scopes_supported()
    metadata = OpenIDProviderMetadata({**document, "issuer": "https://hub.example"})
    for name in ("response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"):
        getattr(metadata, f"validate_{name}")()
    assert visitor.api.get(f"{visitor.hub}/.well-known/oauth-authorization-server").json() == document
    for name, url in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert url.startswith(visitor.hub)
            assert visitor.api.get(url).status_code != 404, name
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "hub.example"}
    told = visitor.api.get(f"{visitor.hub}/.well-known/openid-configuration", headers=proxied).json()
    assert (told["issuer"], told["token_endpoint"]) == ("https://hub.example", "https://hub.example/connect/token")


def test_keys_are_public_ones(visitor: Visitor) -> None:
    """No private key is published, and the key is kept."""
    url = f"{visitor.hub}/.well-known/jwks.json"
    (key,) = visitor.api.get(url).json()["keys"]
    assert key.keys() == {"kty", "n", "e", "use", "alg", "kid"}
    assert visitor.api.get(url).json()["keys"] == [key]


def test_a_hint_puts_a_user_first(visitor: Visitor) -> None:
    """The hint is a name or an address; an unknown one has no effect."""

    def names(hint: str) -> list[str]:
        return re.findall(r'class="name">([^<]+)<', visitor.ask(login_hint=hint).text)

    assert names("GRACE") == names("grace.okafor@example.com") == ["Grace Okafor", "Ada Lindqvist"]
    assert names("nobody") == ["Ada Lindqvist", "Grace Okafor"]
    assert visitor.ask(login_hint="grace").text.count("autofocus") == 1


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account", "login consent"])
def test_prompts(visitor: Visitor, prompt: str) -> None:
    """The page is shown every time, whatever a client prefers."""
    assert visitor.ask(prompt=prompt).status_code == 200


def test_an_authorization_request_may_be_posted(visitor: Visitor) -> None:
    """OpenID Connect Core, section 3.1.2.1; the page leads on."""
    page = visitor.http.post(f"{visitor.hub}/connect/authorize", data=visitor.request())
    (user, *_) = re.findall(r'name="user" value="([^"]+)"', page.text)
    assert visitor.exchange(answer_of(visitor.submit(page, user=user))["code"]).status_code == 200
    both = visitor.http.post(f"{visitor.hub}/connect/authorize?a=b", data=visitor.request())
    assert both.status_code == 400


# Refresh tokens.


def test_a_sign_in_goes_on(hub: Hub, visitor: Visitor) -> None:
    """Each refresh token is accepted once and replaced; the ID token belongs to the same sign-in."""
    first = visitor.tokens()
    hub.clock.advance(timedelta(hours=2))
    assert visitor.api_status(first["access_token"]) == 401
    second = visitor.refresh(first["refresh_token"]).json()
    assert visitor.api_status(second["access_token"]) == 200
    assert second["refresh_token"] != first["refresh_token"]
    before, after = (claims_of(visitor, each["id_token"]) for each in (first, second))
    assert (after["sub"], after["sid"], after["auth_time"]) == (before["sub"], before["sid"], before["auth_time"])
    assert after["iat"] - before["iat"] >= 7200
    assert "nonce" not in after


def test_a_refresh_token_in_other_hands_ends_the_sign_in(visitor: Visitor) -> None:
    """The second use is rejected, and everything that the first one granted is revoked."""
    first = visitor.tokens()
    second = visitor.refresh(first["refresh_token"]).json()
    assert refused(visitor.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert refused(visitor.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert visitor.api_status(second["access_token"]) == 401


def test_refresh_tokens_end(hub: Hub, visitor: Visitor) -> None:
    """After their time, counted from the last refresh."""
    token = visitor.tokens()["refresh_token"]
    for _ in range(3):
        hub.clock.advance(timedelta(days=29))
        token = visitor.refresh(token).json()["refresh_token"]
    hub.clock.advance(timedelta(days=30))
    assert refused(visitor.refresh(token)) == (400, "invalid_grant")


def test_a_narrower_scope(visitor: Visitor) -> None:
    """A refresh may request less, and the next one everything again, but never more."""
    first = visitor.tokens(scope="openid itwin-platform offline_access")
    assert refused(visitor.refresh(first["refresh_token"], scope="openid email")) == (400, "invalid_scope")
    second = visitor.refresh(first["refresh_token"], scope="openid").json()
    assert visitor.api_status(second["access_token"]) == 401
    third = visitor.refresh(second["refresh_token"]).json()
    assert third["scope"] == "openid itwin-platform offline_access"
    assert visitor.api_status(third["access_token"]) == 200


def test_a_refresh_token_is_its_clients(visitor: Visitor) -> None:
    """Another client cannot use it, and trying has no effect."""
    token = visitor.tokens()["refresh_token"]
    assert refused(visitor.refresh(token, client_id="native-abc")) == (400, "invalid_grant")
    assert visitor.refresh(token).status_code == 200


def test_an_access_token_is_no_refresh_token(visitor: Visitor) -> None:
    """The same applies the other way round."""
    tokens = visitor.tokens()
    assert refused(visitor.refresh(tokens["access_token"])) == (400, "invalid_grant")
    assert visitor.api_status(tokens["refresh_token"]) == 401
    headers = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert visitor.api.get(f"{visitor.hub}/connect/userinfo", headers=headers).status_code == 401


# Codes.


def test_a_code_is_taken_once(visitor: Visitor) -> None:
    """A second use is rejected, and everything that the first one granted is revoked."""
    code = visitor.choose()["code"]
    tokens = visitor.exchange(code).json()
    assert refused(visitor.exchange(code)) == (400, "invalid_grant")
    assert visitor.api_status(tokens["access_token"]) == 401
    assert refused(visitor.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert refused(visitor.exchange(code)) == (400, "invalid_grant")


def test_codes_end(hub: Hub, visitor: Visitor) -> None:
    """After a minute."""
    code = visitor.choose()["code"]
    hub.clock.advance(timedelta(seconds=60))
    assert refused(visitor.exchange(code)) == (400, "invalid_grant")


@pytest.mark.thorough(keep=7)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": "x" * 10_000}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}/"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:3001/signin-callback"}, "invalid_grant"),
        ({"client_id": "native-abc"}, "invalid_grant"),
        ({"client_id": "stranger"}, "invalid_client"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"code": None}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": "c" * 50_000}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": 'a"b\\'}, "unsupported_grant_type"),
        ({"state": "a\x00b"}, "invalid_request"),
    ],
)
def test_a_code_without_what_belongs_to_it(visitor: Visitor, changes: dict[str, str | None], code: str) -> None:
    """It is rejected, and its client can still use it."""
    given = visitor.choose()["code"]
    response = visitor.exchange(given, **changes)
    assert response.status_code in {400, 401}
    assert response.json()["error"] == code, response.text
    assert given not in response.text
    assert visitor.exchange(given).status_code == 200


def test_the_verifier_itself_is_no_challenge(visitor: Visitor) -> None:
    """The challenge is not accepted as the verifier."""
    code = visitor.choose()["code"]
    challenge = challenge_of(visitor.verifier)
    assert refused(visitor.exchange(code, code_verifier=challenge)) == (400, "invalid_grant")


def test_a_verifier_without_a_challenge(visitor: Visitor) -> None:
    """RFC 9700, section 4.8.2: accepting it would hide that the challenge was removed on the way."""
    page = visitor.ask(client_id="ada-application", code_challenge=None, code_challenge_method=None)
    (user, *_) = re.findall(r'name="user" value="([^"]+)"', page.text)
    code = answer_of(visitor.submit(page, user=user))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    response = visitor.post("token", {**form, "code_verifier": visitor.verifier}, auth=WEB_APP)
    assert refused(response) == (400, "invalid_request")


@pytest.mark.parametrize("grant", ["code", "refresh token"])
def test_of_two_at_once_one_gets_through(visitor: Visitor, grant: str) -> None:
    """The other is a second use, which ends the sign-in."""
    barrier = threading.Barrier(4)
    code = visitor.choose()["code"]
    refresh_token = visitor.exchange(code).json()["refresh_token"] if grant == "refresh token" else ""

    def use(_: int) -> httpx.Response:
        barrier.wait()
        return visitor.refresh(refresh_token) if refresh_token else visitor.exchange(code)

    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(use, range(4)))
    (winner,) = [response.json() for response in responses if response.status_code == 200]
    assert [refused(each) for each in responses if each.status_code != 200] == [(400, "invalid_grant")] * 3
    assert visitor.api_status(winner["access_token"]) == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic %%%",
        "Basic /////w==",
        "Basic \xff",
        "Basic YQA6Yg==",
        "Basic Og==",
        "Basic YWRhLWFwcGxpY2F0aW9uOg==",
        "Bearer x",
    ],
)
def test_odd_credentials(visitor: Visitor, header: str) -> None:
    """They are rejected with the correct error."""
    form: dict[str, str | None] = {"grant_type": "client_credentials"}
    assert refused(visitor.post("token", form, headers={"Authorization": header.encode("latin-1")})) == (
        401,
        "invalid_client",
    )


def test_a_public_client_cannot_act_for_itself(visitor: Visitor) -> None:
    """It has no identity."""
    form: dict[str, str | None] = {"grant_type": "client_credentials", "client_id": "imodels-cli"}
    assert refused(visitor.post("token", form)) == (401, "invalid_client")


# Authorization requests that are refused.


@pytest.mark.thorough(keep=10)
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": '"\\'}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "a" * 42}, "invalid_request"),
        ({"code_challenge": "a" * 44}, "invalid_request"),
        ({"code_challenge": "ü" * 43}, "invalid_request"),
        ({"scope": "openid imodels:everything"}, "invalid_scope"),
        ({"scope": '"<>\\'}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "x"}, "request_uri_not_supported"),
        ({"nonce": "n" * 256}, "invalid_request"),
    ],
)
def test_refused_at_the_clients_address(visitor: Visitor, changes: dict[str, str | None], error: str) -> None:
    """The redirect has the state of the client and the issuer."""
    answer = answer_of(visitor.ask(**changes))
    assert answer["error"] == error
    assert answer["state"] == "st&te ü"
    assert answer["iss"] == visitor.hub
    assert answer.get("error_description", "x").isascii()


@pytest.mark.thorough(keep=8)
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "stranger"},
        {"client_id": "<script>alert(1)</script>"},
        {"client_id": "c" * 5000},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "https://app.example/cb"},
        {"redirect_uri": "https://app.example/cb?x=1&y=2"},
        {"redirect_uri": "http://127.0.0.1:3000@evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": '"><script>alert(1)</script>'},
        {"redirect_uri": "http://127.0.0.1:3000/\r\nX: y"},
        {"state": "a\nb"},
        {"redirect_uri": "http://evil.example/", "response_type": "token"},
        {"redirect_uri": "http://evil.example/", "code_challenge": None},
    ],
)
def test_refused_on_a_page(visitor: Visitor, changes: dict[str, str | None]) -> None:
    """There is no redirect to an invalid address, and nothing of the request becomes markup on the page."""
    response = visitor.ask(**changes)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert "Sign-in failed" in response.text
    assert "<script" not in response.text
    assert "form-action 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("name", sorted(Visitor("").request()))
def test_twice_is_once_too_often(visitor: Visitor, name: str) -> None:
    """A repeated parameter is invalid, in the query and in a form."""
    pairs = [*visitor.request().items(), (name, visitor.request()[name])]
    assert visitor.http.get(f"{visitor.hub}/connect/authorize", params=pairs).status_code == 400
    body = "grant_type=refresh_token&client_id=imodels-cli&refresh_token=x&client_id=imodels-cli"
    assert refused(visitor.api.post(f"{visitor.hub}/connect/token", content=body)) == (400, "invalid_request")


def test_too_much(visitor: Visitor) -> None:
    """Long or many parameters are rejected; shorter ones are returned unchanged."""
    assert answer_of(visitor.submit(visitor.ask(state="s" * 4000), cancel="yes"))["state"] == "s" * 4000
    assert visitor.ask(state="s" * 20_000).status_code == 414
    assert visitor.ask(**{f"a{number}": "b" for number in range(60)}).status_code == 400
    assert refused(visitor.exchange("c" * 70_000)) == (413, "invalid_request")
    posted = visitor.http.post(f"{visitor.hub}/connect/authorize", data=visitor.request(state="s" * 20_000))
    assert posted.status_code == 413
    assert visitor.http.get(f"{visitor.hub}/connect/authorize?state=%ff").status_code == 400


@hypothesis_settings(max_examples=samples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(["response_type", "client_id", "redirect_uri", "scope", "state", "prompt", "login_hint", "x"]),
        st.text(max_size=30),
        min_size=1,
    )
)
def test_whatever_is_asked_is_answered(visitor: Visitor, changes: dict[str, str]) -> None:
    """The response is the page, an error on a page, or an error at the redirect URI; never a failure."""
    response = visitor.http.get(f"{visitor.hub}/connect/authorize", params={**visitor.request(), **changes})
    assert response.status_code in {200, 303, 400}
    if response.status_code == 303:
        assert answer_of(response)["error"]


@hypothesis_settings(max_examples=samples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    endpoint=st.sampled_from(["token", "revocation", "endsession"]),
    form=st.dictionaries(
        st.sampled_from(
            ["grant_type", "code", "client_id", "client_secret", "refresh_token", "token", "id_token_hint"]
        ),
        st.one_of(st.text(max_size=30), st.sampled_from(["authorization_code", "refresh_token", "imodels-cli"])),
    ),
)
def test_whatever_is_posted_is_answered(visitor: Visitor, endpoint: str, form: dict[str, str]) -> None:
    """Every form gets a response of the standards."""
    response = visitor.api.post(f"{visitor.hub}/connect/{endpoint}", data=form)
    assert response.status_code in {200, 400, 401}
    assert "access_token" not in response.text


# The page and its form.


def test_the_page_keeps_to_itself(visitor: Visitor) -> None:
    """It cannot be framed, loads nothing, and its form leads only to the hub and the client."""
    page = visitor.ask()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:3000;" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    proxied = visitor.http.get(page.url, headers={"X-Forwarded-Proto": "https"})
    assert "secure" in proxied.headers["set-cookie"].lower()
    assert re.findall(r'(?:src|href)="(?!data:)', page.text) == []
    assert "No password is required" in page.text


def test_names_are_shown_as_they_are(hub: Hub, visitor: Visitor) -> None:
    """Names are never interpreted as markup."""
    with hub.store.writing() as connection:
        user = NewUser(name="x", given_name="<b>Bob</b>", surname='"&', email="<i>@x")
        hub.credentials.create_user(connection, user)
    text = visitor.ask().text
    assert "<b>" not in text
    assert "&lt;b&gt;Bob&lt;/b&gt;" in text


def test_cancelling(visitor: Visitor) -> None:
    """The client learns that the person does not want to."""
    answer = answer_of(visitor.submit(visitor.ask(), cancel="yes"))
    assert (answer["error"], answer["state"]) == ("access_denied", "st&te ü")


def user_of(page: httpx.Response) -> str:
    """Return the value of the first user's button."""
    (user, *_) = re.findall(r'name="user" value="([^"]+)"', page.text)
    return str(user)


def test_forms_of_other_sites(hub: Hub, visitor: Visitor, address: str) -> None:
    """Without the cookie or the seal, or from another site, the page is shown again and nobody is signed in."""
    page = visitor.ask()
    user = user_of(page)
    url = f"{address}/connect/authorize/decision?{urlsplit(str(page.url)).query}"
    (seal,) = re.findall(r'name="seal" value="([^"]+)"', page.text)
    cookies = dict(visitor.http.cookies)
    with closing_visitor(address) as other:
        foreign = re.findall(r'name="seal" value="([^"]+)"', other.ask().text)[0]
    attempts: list[Callable[[], httpx.Response]] = [
        lambda: httpx.post(url, data={"user": user, "seal": seal}),
        lambda: httpx.post(url, data={"user": user}, cookies=cookies),
        lambda: httpx.post(url, data={"user": user, "seal": foreign}, cookies=cookies),
        lambda: httpx.post(url, data={"user": user, "seal": "1.x"}, cookies=cookies),
        lambda: httpx.post(f"{url}&x=y", data={"user": user, "seal": seal}, cookies=cookies),
        lambda: httpx.post(
            url, data={"user": user, "seal": seal}, cookies=cookies, headers={"Sec-Fetch-Site": "cross-site"}
        ),
    ]
    for attempt in attempts:
        response = attempt()
        assert response.status_code == 403
        assert "Try again" in response.text
    with hub.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(sign_ins)) == 0
    assert httpx.post(url, data={"user": user, "seal": seal}, cookies=cookies).status_code == 303


def test_a_page_that_was_open_for_too_long(hub: Hub, visitor: Visitor) -> None:
    """It is shown again, and the second time it works; the same applies to a second page."""
    page, beside = visitor.ask(), visitor.ask(state="other")
    hub.clock.advance(timedelta(hours=1, seconds=1))
    again = visitor.submit(page, user=user_of(page))
    assert again.status_code == 403
    again_url = re.findall(r'action="([^"]+)"', again.text)
    assert again_url
    assert visitor.submit(again, user=user_of(again)).status_code == 303
    assert beside.status_code == 200


def test_a_user_who_is_none(visitor: Visitor) -> None:
    """Nobody is signed in."""
    for user in ("", "ada", "00000000-0000-0000-0000-000000000000"):
        assert visitor.submit(visitor.ask(), user=user).status_code == 400


# The way out.


def test_revocation(visitor: Visitor) -> None:
    """A refresh token is revoked with the sign-in, an access token alone; unknown ones are not an error."""
    first, second = visitor.tokens(), visitor.tokens("Grace")
    client = {"client_id": "imodels-cli"}
    assert visitor.post("revocation", {**client, "token": first["refresh_token"]}).status_code == 200
    assert visitor.api_status(first["access_token"]) == 401
    assert refused(visitor.refresh(first["refresh_token"])) == (400, "invalid_grant")
    hinted = {**client, "token": second["access_token"], "token_type_hint": "refresh_token"}
    assert visitor.post("revocation", hinted).status_code == 200
    assert visitor.api_status(second["access_token"]) == 401
    assert visitor.refresh(second["refresh_token"]).status_code == 200
    assert visitor.post("revocation", {**client, "token": "unknown"}).status_code == 200


def test_revocation_refused(visitor: Visitor) -> None:
    """It is rejected without a client, by another client, and for the initial tokens of users."""
    token = visitor.tokens()["refresh_token"]
    assert refused(visitor.post("revocation", {"token": token})) == (401, "invalid_client")
    assert refused(visitor.post("revocation", {"token": token, "client_id": "native-abc"})) == (400, "invalid_grant")
    assert refused(visitor.post("revocation", {"client_id": "imodels-cli"})) == (400, "invalid_request")
    kept = visitor.post("revocation", {"token": "ada-token"}, auth=WEB_APP)
    assert refused(kept) == (400, "unsupported_token_type")
    assert visitor.api_status("ada-token") == 200
    assert visitor.refresh(token).status_code == 200
    own = visitor.post("token", {"grant_type": "client_credentials"}, auth=WEB_APP).json()["access_token"]
    assert visitor.post("revocation", {"token": own}, auth=WEB_APP).status_code == 200
    assert visitor.api_status(own) == 401


def test_end_of_the_session(hub: Hub, visitor: Visitor) -> None:
    """An ID token, also an expired one, ends its sign-in, and the browser is redirected to a permitted URI."""
    body = visitor.tokens()
    hub.clock.advance(timedelta(hours=2))
    url = f"{visitor.hub}/connect/endsession"
    evil = {"id_token_hint": body["id_token"], "post_logout_redirect_uri": "https://evil.example/"}
    hint = {"id_token_hint": body["id_token"], "post_logout_redirect_uri": CALLBACK, "state": "s"}
    assert visitor.api.get(url, params={**hint, "client_id": "native-abc"}).status_code == 400
    assert visitor.refresh("x").status_code == 400
    answer = answer_of(visitor.api.post(url, data=hint))
    assert answer["state"] == "s"
    assert refused(visitor.refresh(body["refresh_token"])) == (400, "invalid_grant")
    assert "You are signed out" in visitor.api.get(url, params=evil).text
    assert "No sign-in to end" in visitor.api.get(url).text
    without_hint = visitor.api.get(url, params={"client_id": "imodels-cli", "post_logout_redirect_uri": CALLBACK})
    assert without_hint.status_code == 200


@pytest.mark.parametrize("hint", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzaWQiOiJ4In0."])
def test_a_hint_that_is_none(visitor: Visitor, hint: str) -> None:
    """No sign-in ends."""
    response = visitor.api.get(f"{visitor.hub}/connect/endsession", params={"id_token_hint": hint})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", (401, "Bearer")),
        ("Basic x", (401, "Bearer")),
        ("Bearer x", (401, 'Bearer error="invalid_token"')),
        ("Bearer ada-token", (403, 'Bearer error="insufficient_scope"')),
    ],
)
def test_userinfo_refused(visitor: Visitor, header: str, expected: tuple[int, str]) -> None:
    """The errors are those of RFC 6750."""
    response = visitor.api.get(f"{visitor.hub}/connect/userinfo", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.headers["www-authenticate"]) == expected


# What is kept.


def test_nothing_is_kept_that_lets_somebody_in(hub: Hub, visitor: Visitor) -> None:
    """Codes and tokens are kept by their hashes, the key encrypted."""
    answer = visitor.choose()
    body = visitor.exchange(answer["code"]).json()
    secrets = (
        answer["code"],
        body["access_token"],
        body["refresh_token"],
        visitor.verifier,
        "BEGIN PRIVATE",
        "BEGIN RSA",
    )
    with hub.store.reading() as connection:
        kept = repr(
            [connection.execute(select(each)).all() for each in (sign_ins, sign_in_tokens, tokens, signing_keys)]
        )
    assert "BEGIN ENCRYPTED PRIVATE KEY" in kept
    assert [secret for secret in secrets if secret in kept] == []


def test_what_has_expired_is_forgotten(hub: Hub, visitor: Visitor) -> None:
    """They are deleted with the next issued token."""
    visitor.tokens()
    visitor.choose()
    hub.clock.advance(timedelta(days=31))
    visitor.tokens(scope="itwin-platform")
    with hub.store.reading() as connection:
        rows = [
            connection.scalar(select(func.count()).select_from(each)) for each in (sign_ins, sign_in_tokens, tokens)
        ]
    assert rows == [1, 1, 3]  # two of the tokens are those that users come with


def test_processes_share_sign_ins_and_the_key(tmp_path: Path) -> None:
    """Two processes on one database share sign-ins, and the key that both request at the same moment."""
    secret, clock = b"s" * 32, Clock()
    with ExitStack() as stack:
        databases = [Database.in_file(tmp_path / "hub.sqlite", durable=False) for _ in range(2)]
        for database in databases:
            stack.callback(database.close)
        with databases[0].writing() as connection:
            Credentials(secret, DEMO_USERS).ensure(connection)
        apps = [Starlette(routes=identity_routes(each, clock, HubSettings(), secret)) for each in databases]
        first, second = (stack.enter_context(served(app)) for app in apps)
        with ThreadPoolExecutor(4) as pool:
            urls = [f"{each}/.well-known/jwks.json" for each in (first, second) * 4]
            answers = list(pool.map(lambda url: httpx.get(url).text, urls))
        assert len(set(answers)) == 1
        visitor = stack.enter_context(closing_visitor(first))
        page = visitor.ask()
        code = answer_of(visitor.submit(page, user=user_of(page)))["code"]
        visitor.hub = second
        body = visitor.exchange(code).json()
        visitor.hub = first
        assert visitor.refresh(body["refresh_token"]).status_code == 200
        visitor.hub = second
        assert refused(visitor.refresh(body["refresh_token"])) == (400, "invalid_grant")


def test_another_secret_means_another_key(tmp_path: Path) -> None:
    """A key that cannot be read is replaced, as after the loading of another hub's snapshot."""
    keys = []
    for secret in (b"one", b"two"):
        with closing(Database.in_file(tmp_path / "hub.sqlite", durable=False)) as database:
            app = Starlette(routes=identity_routes(database, Clock(), HubSettings(), secret))
            with served(app) as address:
                keys.append(httpx.get(f"{address}/.well-known/jwks.json").json()["keys"][0]["kid"])
    assert len(set(keys)) == 2
