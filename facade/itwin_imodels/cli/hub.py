"""``imodels hub``: the API served from this machine."""

import importlib
import ipaddress
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal

import typer

from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import Yes
from itwin_imodels.cli.asking import NobodyToAskError, confirm
from itwin_imodels.cli.command import Command, Commands

DEFAULT_PORT = 8650
_NOT_KEPT = ":memory:"
_DATABASE = "hub.sqlite"

app = Commands("hub", GROUPS["hub"])

DataDir = Annotated[
    str, typer.Option(help=f"Where the hub keeps everything; {_NOT_KEPT} keeps nothing.", show_default="the user's")
]


@app.command(cls=Command, epilog="imodels hub serve --seed demo --port 8650")
def serve(
    *,
    data_dir: DataDir = "",
    port: Annotated[int, typer.Option(help="Port; 0 picks a free one.", min=0, max=65535)] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="Interface to listen on.")] = "127.0.0.1",
    seed: Annotated[str, typer.Option(help="demo, or a TOML file with iModels to begin with.")] = "",
    config: Annotated[Path | None, typer.Option(help="TOML file with settings and users.")] = None,
    storage: Annotated[Literal["azure", "google"] | None, typer.Option(help="Form of the storage links.")] = None,
    verify_changesets: Annotated[
        bool, typer.Option(help="Refuse changesets whose id is not that of the file.")
    ] = False,
    control: Annotated[bool, typer.Option(help="Serve the control API under /_hub/.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when ready.")] = False,
) -> None:
    """Serve the iModels API until interrupted, and print where and for whom."""
    package = _module("itwin_imodels_hub")
    folder = _folder(data_dir)
    with _told("serve"):
        read = package.read_config(config) if config else package.HubConfig()
        changed = {"storage_type": storage, "verify_changesets": verify_changesets or None}
        local = package.LocalHub(
            folder,
            seed=seed if seed in ("", "demo") else Path(seed),
            settings=read.settings.with_(**{name: value for name, value in changed.items() if value is not None}),
            users=read.users,
            host=host,
            port=port,
            control=control,
        )
    if not _is_loopback(host):
        typer.echo(f"Warning: {host} can be reached from other machines; the tokens below are no secrets.", err=True)
    write = _line if as_json else _words
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it like Ctrl-C
    try:
        local.run(lambda: typer.echo(write(local.base_url, local.page_url, local.tokens, local.itwin_id)))
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


@app.command(cls=Command, epilog="imodels hub seed iModels.toml --data-dir hub")
def seed(
    seeds: Annotated[Path, typer.Argument(metavar="SEEDS", help="TOML file with iModels.")], *, data_dir: DataDir = ""
) -> None:
    """Put iModels into a hub that is not running, beside those it has, and print their ids and names."""
    with _told("seed"):
        found = _module("itwin_imodels_hub.seeding").read_seeds(seeds)
        with _opened(data_dir) as hub:
            for each in found:
                typer.echo(f"{hub.control.create_imodel(each)}\t{each.name}")


@app.command(cls=Command, epilog="imodels hub dump state.zip --data-dir hub")
def dump(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")], *, data_dir: DataDir = ""
) -> None:
    """Write all that a hub holds, which is not running, into a file."""
    with _told("dump"), _opened(data_dir) as hub:
        hub.control.dump(file)


@app.command(cls=Command, epilog="imodels hub load state.zip --data-dir hub --yes")
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'imodels hub dump' wrote.")],
    *,
    data_dir: DataDir = "",
    yes: Yes = False,
) -> None:
    """Put a hub, which is not running, into the state of a file; what it holds now is lost."""
    with _told("load"):
        confirm(lambda: "Replace all that the hub holds, for good?", yes=yes)
        with _opened(data_dir) as hub:
            hub.control.load(file)


@app.command(cls=Command, epilog="imodels hub reset --data-dir hub --yes")
def reset(*, data_dir: DataDir = "", yes: Yes = False) -> None:
    """Empty a hub, which is not running, and print the id of its iTwin."""
    with _told("reset"):
        confirm(lambda: "Delete all that the hub holds, for good?", yes=yes)
        with _opened(data_dir) as hub:
            typer.echo(hub.control.reset())


@contextmanager
def _told(command: str) -> Iterator[None]:
    """Tell what is wrong in one line."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        typer.echo(f"imodels hub {command}: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, NobodyToAskError) else 1) from error


@contextmanager
def _opened(data_dir: str) -> Iterator[Any]:
    """Open the hub of a folder.

    Raises:
        ValueError: There is none.
    """
    folder = _folder(data_dir)
    if folder is None or not (folder / _DATABASE).exists():
        raise ValueError(f"there is no hub in {data_dir or folder}")
    with _module("itwin_imodels_hub").LocalHub(folder, control=False) as hub:
        yield hub


def _module(name: str) -> ModuleType:
    """Import what comes with the extra."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        typer.echo("imodels hub needs the extra 'hub': pip install 'itwin-imodels[cli,hub]'", err=True)
        raise typer.Exit(1) from error


def _folder(data_dir: str) -> Path | None:
    if data_dir == _NOT_KEPT:
        return None
    if data_dir:
        return Path(data_dir)
    return Path(_module("platformdirs").user_data_dir("itwin-imodels-hub", appauthor=False))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _line(base_url: str, page_url: str | None, tokens: dict[str, str], itwin_id: str) -> str:
    places = {"base_url": base_url, "page_url": page_url}
    return json.dumps({**places, "tokens": tokens, "itwin_id": itwin_id, "pid": os.getpid()})


def _words(base_url: str, page_url: str | None, tokens: dict[str, str], itwin_id: str) -> str:
    token = next(iter(tokens.values()))
    return "\n".join(
        [
            f"base URL  {base_url}",
            *([f"page      {page_url}  (open it in a browser)"] if page_url else []),
            *(f"token     {token}  ({user})" for user, token in tokens.items()),
            f"iTwin id  {itwin_id}",
            f"try       curl -H 'Authorization: Bearer {token}' '{base_url}/?iTwinId={itwin_id}'",
            "Ctrl-C ends it.",
        ]
    )
