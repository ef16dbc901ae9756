"""What a request says, read with the strictness of the standards."""

from collections.abc import Mapping
from typing import Final
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
    """A request that nothing can be read from.

    Attributes:
        status: Status of the answer.
        reason: What is wrong.
    """

    status: int
    reason: str


class OAuthRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request as Authlib sees it."""

    def __init__(self, method: str, parameters: dict[str, str], headers: Mapping[str, str] | None = None) -> None:
        """Say what was sent.

        Args:
            method: HTTP method.
            parameters: Of the query or the form.
            headers: By lower-case names.
        """
        # Authlib insists on TLS, which a service of one machine does without, and on headers by their usual spelling.
        super().__init__(
            method, "https://localhost/", headers={name.title(): value for name, value in (headers or {}).items()}
        )
        self.payload = BasicOAuth2Payload(parameters)
        self._parameters = parameters

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        return self._parameters


def parameters_of(text: str) -> dict[str, str]:
    """Read a query or a form. What is sent without a value counts as not sent.

    Raises:
        UnreadableError: A parameter is sent twice, there are too many, or one is no printable text.
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
        raise UnreadableError(400, "A parameter holds what cannot be printed.")
    return {name: value for name, value in pairs if value}


def query_of(request: Request) -> dict[str, str]:
    """Read the query of a request.

    Raises:
        UnreadableError: As above, or it is too long.
    """
    query: bytes = request.scope["query_string"]
    if len(query) > QUERY_MAXIMUM:
        raise UnreadableError(414, f"The query is longer than {QUERY_MAXIMUM} bytes.")
    return parameters_of(query.decode("latin-1"))


async def form_of(request: Request, settings: HubSettings) -> dict[str, str]:
    """Read the form in the body of a request.

    Raises:
        UnreadableError: As above, or it is too long or does not arrive.
    """
    body = bytearray()
    try:
        with move_on_after(settings.body_timeout.total_seconds()) as deadline:
            async for piece in request.stream():
                body += piece
                if len(body) > _BODY_MAXIMUM:
                    raise UnreadableError(413, f"The body is longer than {_BODY_MAXIMUM} bytes.")
    except ClientDisconnect as error:
        raise UnreadableError(400, "The body ends too early.") from error
    if deadline.cancelled_caught:
        raise UnreadableError(408, "The body took too long.")
    return parameters_of(body.decode("latin-1"))
