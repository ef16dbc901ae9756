"""Strict parsing of OAuth requests."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from anyio import move_on_after
from attrs import frozen
from authlib.oauth2.rfc6749 import OAuth2Request  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]
from starlette.requests import ClientDisconnect, Request

from itwin_imodels_hub.basis.settings import HubSettings

QUERY_MAXIMUM: Final = 16 << 10

_BODY_MAXIMUM = 64 << 10
_PARAMETERS = 50


@frozen
class UnreadableError(Exception):
    """A malformed request.

    Attributes:
        status: Status code of the response.
        reason: Reason, as a sentence.
    """

    status: int
    reason: str


class OAuthRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request with the interface that Authlib expects."""

    def __init__(self, method: str, parameters: dict[str, str], headers: Mapping[str, str] | None = None) -> None:
        """Wrap the content of a request.

        Args:
            method: HTTP method.
            parameters: Parameters of the query or the form.
            headers: Headers by lower-case name.
        """
        # Authlib requires TLS, which a local service does not need, and header names in their usual capitalization.
        super().__init__(
            method, "https://localhost/", headers={name.title(): value for name, value in (headers or {}).items()}
        )
        self.payload = BasicOAuth2Payload(parameters)
        self._parameters = parameters

    @property
    def sign_in(self) -> Any:  # noqa: ANN401 - whatever the grant stored; Authlib has no types
        """The sign-in that the request continues, regardless of the grant; None for other requests."""
        return self.authorization_code or self.refresh_token or self.credential

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the query or the form."""
        return self._parameters


def parameters_of(text: str) -> dict[str, str]:
    """Parse a query or a form. Parameters with empty values are treated as missing.

    Raises:
        UnreadableError: A parameter is repeated or not printable UTF-8, or there are too many parameters.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_PARAMETERS, errors="strict")
    except UnicodeDecodeError as error:
        raise UnreadableError(400, "A parameter is not encoded in UTF-8.") from error
    except ValueError as error:
        raise UnreadableError(400, f"There are more than {_PARAMETERS} parameters.") from error
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise UnreadableError(400, "A parameter is sent more than once.")
    if not all(name.isprintable() and value.isprintable() for name, value in pairs):
        raise UnreadableError(400, "A parameter contains unprintable characters.")
    return {name: value for name, value in pairs if value}


def query_of(request: Request) -> dict[str, str]:
    """Read the query of a request.

    Raises:
        UnreadableError: The query is too long, or `parameters_of` rejects it.
    """
    query: bytes = request.scope["query_string"]
    if len(query) > QUERY_MAXIMUM:
        raise UnreadableError(414, f"The query exceeds {QUERY_MAXIMUM} bytes.")
    return parameters_of(query.decode("latin-1"))


async def form_of(request: Request, settings: HubSettings) -> dict[str, str]:
    """Read the form in the body of a request.

    Raises:
        UnreadableError: The body is too long, incomplete or too slow, or `parameters_of` rejects it.
    """
    body = bytearray()
    try:
        with move_on_after(settings.body_timeout.total_seconds()) as deadline:
            async for piece in request.stream():
                body += piece
                if len(body) > _BODY_MAXIMUM:
                    raise UnreadableError(413, f"The body exceeds {_BODY_MAXIMUM} bytes.")
    except ClientDisconnect as error:
        raise UnreadableError(400, "The body is incomplete.") from error
    if deadline.cancelled_caught:
        raise UnreadableError(408, "The body was not received in time.")
    return parameters_of(body.decode("latin-1"))
