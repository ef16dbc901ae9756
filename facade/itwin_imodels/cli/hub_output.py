"""Output of ``imodels hub serve`` when the hub is ready."""

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from itwin_imodels_hub import LocalHub


def announcement(hub: "LocalHub", *, as_json: bool, show_tokens: bool | None) -> Callable[[], str]:
    """Return a function that describes the running hub.

    Args:
        hub: The hub, which need not be running yet.
        as_json: Whether to print one line of JSON, which contains all secrets, for programs.
        show_tokens: Whether to print tokens and secrets; otherwise they are written into the data folder. None prints
            them only to a terminal, because other output, such as the journal of a service, is often stored.

    Raises:
        OSError: The file in the data folder cannot be written.
    """
    credentials = importlib.import_module("itwin_imodels_hub.serving.credentials_file")
    if as_json:
        return lambda: _line(hub, credentials.secrets_of(hub))
    if sys.stdout.isatty() if show_tokens is None else show_tokens:
        return lambda: _words(hub, _tokens(hub), _first_request(hub))
    path = credentials.write_credentials(hub)
    return lambda: _words(hub, [f"tokens    in {path}  (--show-tokens prints them)"], [])


def _line(hub: "LocalHub", secrets: dict[str, object]) -> str:
    places = {"base_url": hub.base_url, "page_url": hub.page_url}
    return json.dumps({**places, **secrets, "itwin_id": hub.itwin_id, "pid": os.getpid()})


def _tokens(hub: "LocalHub") -> list[str]:
    return [
        *(f"token     {token}  ({user})" for user, token in hub.tokens.items()),
        *([f"control   {hub.control_secret}  (the secret of /_hub/)"] if hub.control_secret else []),
    ]


def _first_request(hub: "LocalHub") -> list[str]:
    token = next(iter(hub.tokens.values()))
    return [f"try       curl -H 'Authorization: Bearer {token}' '{hub.base_url}/?iTwinId={hub.itwin_id}'"]


def _words(hub: "LocalHub", tokens: list[str], first_request: list[str]) -> str:
    return "\n".join(
        [
            f"base URL  {hub.base_url}",
            *([f"page      {hub.page_url}  (open it in a browser)"] if hub.page_url else []),
            *tokens,
            f"iTwin id  {hub.itwin_id}",
            f"sign in   IMODELS_AUTHORITY={hub.url} IMODELS_CLIENT_ID=imodels-cli imodels auth login",
            *first_request,
            "Press Ctrl-C to stop.",
        ]
    )
