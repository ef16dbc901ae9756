"""The deployments of the vendor's platform and their addresses."""

from typing import Final, Literal, get_args

Environment = Literal["production", "qa", "dev"]
"""A deployment of the platform: `production` is the one for everybody, `qa` and `dev` are the vendor's own."""

_API: Final[dict[Environment, str]] = {
    "production": "https://api.bentley.com/imodels",
    "qa": "https://qa-api.bentley.com/imodels",
    "dev": "https://dev-api.bentley.com/imodels",
}

_AUTHORITY: Final[dict[Environment, str]] = {
    "production": "https://ims.bentley.com",
    "qa": "https://qa-ims.bentley.com",
    "dev": "https://qa-ims.bentley.com",  # there is none of its own
}


def environment_of(name: str) -> Environment:
    """Check the name of an environment.

    Raises:
        ValueError: There is none of this name.
    """
    for environment in get_args(Environment):
        if name == environment:
            return environment  # type: ignore[no-any-return]  # get_args gives Any
    allowed = ", ".join(map(repr, get_args(Environment)))
    raise ValueError(f"environment must be one of {allowed}, not {name!r}")


def api_url(environment: str) -> str:
    """Give the base URL of the iModels API.

    Args:
        environment: `production`, `qa` or `dev`.

    Raises:
        ValueError: There is no such environment.
    """
    return _API[environment_of(environment)]


def authority_url(environment: str) -> str:
    """Give the address of the authorization server, the issuer of tokens.

    Args:
        environment: `production`, `qa` or `dev`.

    Raises:
        ValueError: There is no such environment.
    """
    return _AUTHORITY[environment_of(environment)]
