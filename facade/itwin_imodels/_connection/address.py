"""The URL of the API, from the arguments of a client."""

from itwin_imodels._core.environments import api_url
from itwin_imodels._core.origin import checked_base_url


def base_url_of(base_url: str | None, environment: str | None) -> str:
    """Return the base URL of the API.

    Args:
        base_url: The URL itself.
        environment: `production`, `qa` or `dev`; by default `production`.

    Raises:
        ValueError: Both arguments are given, or one is invalid.
    """
    if base_url is not None and environment is not None:
        raise ValueError("base_url and environment are mutually exclusive")
    return api_url(environment or "production") if base_url is None else checked_base_url(base_url)
