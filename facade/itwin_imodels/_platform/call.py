"""A call to another API at the same origin as the iModels API."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import attrs

from itwin_imodels._operations.call import Call
from itwin_imodels._operations.endpoints import Request
from itwin_imodels.errors import ConfigurationError

T = TypeVar("T")

_IMODELS = "/imodels"


@attrs.frozen(kw_only=True)
class PlatformCall(Call[T]):
    """A GET request to another API of the platform.

    Attributes:
        api: Path of the API, such as `/itwins`; it replaces `/imodels` in the base URL of the client.
        query: Query parameters, not yet encoded.
    """

    endpoint: str = ""
    api: str
    query: Mapping[str, str] = attrs.field(factory=dict)

    def request(self) -> Request:
        """Build the request."""
        path = "".join(f"/{quote(segment, safe='')}" for segment in self.path) or "/"
        return Request(method="GET", path=path, query=self.query, headers={}, json=None, content=None)

    def base_url(self, imodels_url: str) -> str:
        """Return the base URL of the API.

        Raises:
            ConfigurationError: The base URL of the client does not end in `/imodels`.
        """
        if not imodels_url.endswith(_IMODELS):
            raise ConfigurationError(
                f"{self.name}: base_url {imodels_url} does not end in {_IMODELS}, so the URL of {self.api} is unknown"
            )
        return f"{imodels_url.removesuffix(_IMODELS)}{self.api}"
