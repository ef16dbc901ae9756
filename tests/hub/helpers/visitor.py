"""A client that signs a person in at a hub, and the person, over HTTP as a browser would."""

import re
import secrets
import ssl
from base64 import urlsafe_b64encode
from contextlib import closing
from hashlib import sha256
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from attrs import define, field

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reading the system's certificates takes longer than a test
CALLBACK = "http://127.0.0.1:3000/signin-callback"


def challenge_of(verifier: str) -> str:
    """Create the challenge of a verifier (RFC 7636)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


@define
class Visitor:
    """Sends what a client and a browser send.

    Attributes:
        hub: URL of the hub.
        verifier: The client's secret for the sign-in.
        http: The browser, with its cookies.
        api: HTTP client for the requests of the client itself.
    """

    hub: str
    verifier: str = field(factory=lambda: secrets.token_urlsafe(48))
    http: httpx.Client = field(factory=lambda: httpx.Client(verify=_NO_TLS, timeout=240))
    api: httpx.Client = field(factory=lambda: httpx.Client(verify=_NO_TLS, timeout=240))

    def close(self) -> None:
        """Close both."""
        self.http.close()
        self.api.close()

    def request(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of a valid authorization request with some changes; None removes a parameter."""
        good = {
            "response_type": "code",
            "client_id": "imodels-cli",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email itwin-platform offline_access",
            "state": "st&te ü",
            "nonce": "n-1",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in good.items() if value is not None}

    def ask(self, **changes: str | None) -> httpx.Response:
        """Open the page to sign in."""
        return self.http.get(f"{self.hub}/connect/authorize", params=self.request(**changes))

    def submit(self, page: httpx.Response, **more: str) -> httpx.Response:
        """Submit the form of a page, with the data of one of its buttons."""
        assert page.status_code in {200, 400, 403}, page.text
        action = unescape(re.findall(r'<form method="post" action="([^"]+)"', page.text)[0])
        (seal,) = re.findall(r'name="seal" value="([^"]+)"', page.text)
        return self.http.post(urljoin(str(page.url), action), data={"seal": seal, **more})

    def choose(self, user: str = "Ada", **changes: str | None) -> dict[str, str]:
        """Sign in as a user, and return the parameters of the redirect to the client."""
        return answer_of(self.press(self.ask(**changes), user))

    def press(self, page: httpx.Response, user: str) -> httpx.Response:
        """Press the button of a user."""
        found = re.findall(r'name="user" value="([^"]+)"[^>]*>\s*<span class="name">([^<]+)<', page.text)
        (chosen,) = [each for each, name in found if name.startswith(user)]
        return self.submit(page, user=chosen)

    def exchange(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Exchange a code for tokens."""
        good: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "client_id": "imodels-cli",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.post("token", good)

    def refresh(self, refresh_token: str, **changes: str | None) -> httpx.Response:
        """Get further tokens."""
        good = {"grant_type": "refresh_token", "client_id": "imodels-cli", "refresh_token": refresh_token}
        return self.post("token", {**good, **changes})

    def post(self, endpoint: str, form: dict[str, str | None], **options: Any) -> httpx.Response:
        """Send a form to an endpoint."""
        data = {name: value for name, value in form.items() if value is not None}
        return self.api.post(f"{self.hub}/connect/{endpoint}", data=data, **options)

    def tokens(self, user: str = "Ada", **changes: str | None) -> dict[str, Any]:
        """Sign a user in, and return the tokens."""
        answer = self.exchange(self.choose(user, **changes)["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def api_status(self, token: str) -> int:
        """Return the status of the API's response to a token."""
        return self.api.get(f"{self.hub}/itwins", headers={"Authorization": f"Bearer {token}"}).status_code


def answer_of(response: httpx.Response, address: str = CALLBACK) -> dict[str, str]:
    """Return the parameters of a redirect to the client."""
    assert response.status_code == 303, response.text
    location = response.headers["location"]
    assert location.partition("?")[0] == address
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True, strict_parsing=True))


def click(url: str) -> bool:
    """Open a URL, choose the first user, and follow the redirect."""
    with closing(Visitor(url)) as visitor:
        answer = visitor.press(visitor.http.get(url), "Ada")
        visitor.http.get(answer.headers["location"]).raise_for_status()
    return True


def enter_code(verification_uri: str, user_code: str, user: str | None = "Ada") -> None:
    """Enter the code of a device, and choose a user, or cancel if it is None."""
    with closing(Visitor(verification_uri)) as visitor:
        page = visitor.http.get(verification_uri, params={"user_code": user_code})
        answer = visitor.submit(page, cancel="yes") if user is None else visitor.press(page, user)
        answer.raise_for_status()
