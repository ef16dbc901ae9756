"""The environments of the iTwin Platform and their URLs."""

from typing import Final, Literal, get_args

Environment = Literal["production", "qa", "dev"]
"""An environment of the platform: `production` for everyone; `qa` and `dev` are internal to the vendor."""

_API: Final[dict[Environment, str]] = {
    "production": "https://api.bentley.com/imodels",
    "qa": "https://qa-api.bentley.com/imodels",
    "dev": "https://dev-api.bentley.com/imodels",
}

_AUTHORITY: Final[dict[Environment, str]] = {
    "production": "https://ims.bentley.com",
    "qa": "https://qa-ims.bentley.com",
    "dev": "https://qa-ims.bentley.com",  # dev uses the server of qa
}


def environment_of(name: str) -> Environment:
    """Check the name of an environment.

    Raises:
        ValueError: No environment has this name.
    """
    for environment in get_args(Environment):
        if name == environment:
            return environment  # type: ignore[no-any-return]  # get_args returns Any
    allowed = ", ".join(map(repr, get_args(Environment)))
    raise ValueError(f"environment must be one of {allowed}, not {name!r}")


def api_url(environment: str) -> str:
    """Return the base URL of the iModels API.

    Args:
        environment: `production`, `qa` or `dev`.

    Raises:
        ValueError: No environment has this name.
    """
    return _API[environment_of(environment)]


def authority_url(environment: str) -> str:
    """Return the URL of the authorization server, which issues tokens.

    Args:
        environment: `production`, `qa` or `dev`.

    Raises:
        ValueError: No environment has this name.
    """
    return _AUTHORITY[environment_of(environment)]
