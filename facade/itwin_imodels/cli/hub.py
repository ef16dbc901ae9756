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
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import Yes, path
from itwin_imodels.cli.asking import NobodyToAskError, confirm
from itwin_imodels.cli.command import Command, Commands

if TYPE_CHECKING:
    from itwin_imodels_hub import AzureStorage, HubConfig

DEFAULT_PORT = 8650
_NOT_KEPT = ":memory:"
_DATABASE = "hub.sqlite"
_KEY = "key"

app = Commands("hub", GROUPS["hub"])

_Kind = Literal["folder", "azure"]

Config = Annotated[
    Path | None,
    typer.Option(
        parser=path, metavar="<path>", help="TOML file with settings, users, webhooks, and where the files are."
    ),
]
Storage = Annotated[
    _Kind | None,
    typer.Option(
        help="Where the files are: in the hub's folder, or in the Azure account of $AZURE_STORAGE_CONNECTION_STRING.",
        show_default="folder",
    ),
]
DataDir = Annotated[
    str, typer.Option(help=f"Where the hub keeps everything; {_NOT_KEPT} keeps nothing.", show_default="the user's")
]

Database = Annotated[
    str,
    typer.Option(
        help="Where the state is: postgresql+psycopg://user@host/name. A password is better kept in the variable.",
        envvar="IMODELS_HUB_DATABASE",
        show_default="SQLite in the folder",
    ),
]
Upgrade = Annotated[bool, typer.Option("--upgrade", help="Bring tables of an older version to the newest form.")]


@app.command(cls=Command, epilog="imodels hub serve --seed demo --port 8650")
def serve(
    *,
    data_dir: DataDir = "",
    database: Database = "",
    workers: Annotated[int, typer.Option(help="Processes that serve; several need --database.", min=1)] = 1,
    upgrade: Upgrade = False,
    port: Annotated[int, typer.Option(help="Port; 0 picks a free one.", min=0, max=65535)] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="Interface to listen on.")] = "127.0.0.1",
    seed: Annotated[str, typer.Option(help="demo, or a TOML file with iModels to begin with.")] = "",
    config: Config = None,
    storage: Storage = None,
    links: Annotated[
        Literal["azure", "google"] | None,
        typer.Option(help="Form of the links to files in the hub's folder.", show_default="azure"),
    ] = None,
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
        _check_kept(folder, database)
        read = _configuration(config)
        changed = {"storage_type": links, "verify_changesets": verify_changesets or None}
        local = package.LocalHub(
            folder,
            seed=seed if seed in ("", "demo") else Path(seed),
            settings=read.settings.with_(**{name: value for name, value in changed.items() if value is not None}),
            users=read.users,
            storage=_storage(read, storage),
            webhooks=read.webhooks,
            host=host,
            port=port,
            control=control,
            database=database or None,
            upgrade=upgrade,
            workers=workers,
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
    seeds: Annotated[Path, typer.Argument(metavar="SEEDS", help="TOML file with iModels.")],
    *,
    data_dir: DataDir = "",
    database: Database = "",
    config: Config = None,
    storage: Storage = None,
) -> None:
    """Put iModels into a hub that is not running, beside those it has, and print their ids and names."""
    with _told("seed"):
        found = _module("itwin_imodels_hub.control.seeding").read_seeds(seeds)
        with _opened(data_dir, database, config, storage) as hub:
            for each in found:
                typer.echo(f"{hub.control.create_imodel(each)}\t{each.name}")


@app.command(cls=Command, epilog="imodels hub dump state.zip --data-dir hub")
def dump(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    *,
    data_dir: DataDir = "",
    database: Database = "",
    config: Config = None,
    storage: Storage = None,
) -> None:
    """Write all that a hub holds into a file; it is not running, unless its state is in a database on a server."""
    with _told("dump"), _opened(data_dir, database, config, storage) as hub:
        hub.control.dump(file)


@app.command(cls=Command, epilog="imodels hub load state.zip --data-dir hub --yes")
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'imodels hub dump' wrote.")],
    *,
    data_dir: DataDir = "",
    database: Database = "",
    config: Config = None,
    storage: Storage = None,
    yes: Yes = False,
) -> None:
    """Put a hub, which is not running, into the state of a file; what it holds now is lost."""
    with _told("load"):
        confirm(lambda: "Replace all that the hub holds, for good?", yes=yes)
        with _opened(data_dir, database, config, storage) as hub:
            hub.control.load(file)


@app.command(cls=Command, epilog="imodels hub reset --data-dir hub --yes")
def reset(
    *,
    data_dir: DataDir = "",
    database: Database = "",
    config: Config = None,
    storage: Storage = None,
    yes: Yes = False,
) -> None:
    """Empty a hub, which is not running, and print the id of its iTwin."""
    with _told("reset"):
        confirm(lambda: "Delete all that the hub holds, for good?", yes=yes)
        with _opened(data_dir, database, config, storage) as hub:
            typer.echo(hub.control.reset())


@app.command(cls=Command, epilog="imodels hub upgrade --data-dir hub")
def upgrade(*, data_dir: DataDir = "", database: Database = "", config: Config = None, storage: Storage = None) -> None:
    """Bring the tables of a hub, which is not running, to the form of this version; keep a copy first."""
    with _told("upgrade"), _opened(data_dir, database, config, storage, upgrade=True):
        typer.echo(f"The tables are of revision {_module('itwin_imodels_hub.store.schema').REVISION}.")


@contextmanager
def _told(command: str) -> Iterator[None]:
    """Tell what is wrong in one line."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        typer.echo(f"imodels hub {command}: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, NobodyToAskError) else 1) from error


@contextmanager
def _opened(
    data_dir: str, database: str, config: Path | None, storage: _Kind | None, *, upgrade: bool = False
) -> Iterator[Any]:
    """Open the hub of a folder and, where its state or files are elsewhere, of those.

    Raises:
        ValueError: There is none.
    """
    folder = _folder(data_dir)
    if folder is None or not (folder / (_KEY if database else _DATABASE)).exists():
        raise ValueError(f"there is no hub in {data_dir or folder}")
    read = _configuration(config)
    with _module("itwin_imodels_hub").LocalHub(
        folder,
        settings=read.settings,
        users=read.users,
        storage=_storage(read, storage),
        database=database or None,
        upgrade=upgrade,
        control=False,
    ) as hub:
        yield hub


def _check_kept(folder: Path | None, database: str) -> None:
    """Refuse to keep the state without the files.

    Raises:
        ValueError: That is what is asked for.
    """
    if folder is None and database:
        raise ValueError(f"a hub whose state is kept in a database keeps its files, too: not --data-dir {_NOT_KEPT}")


def _configuration(path: Path | None) -> "HubConfig":
    package = _module("itwin_imodels_hub")
    read: HubConfig = package.HubConfig() if path is None else package.read_config(path)
    return read


def _storage(configuration: "HubConfig", kind: _Kind | None) -> "AzureStorage | None":
    """Say where the files are: what the command line names counts, with the particulars of the file."""
    if kind == "folder":
        return None
    if kind == "azure" and configuration.storage is None:
        storage: AzureStorage = _module("itwin_imodels_hub").AzureStorage()
        return storage
    return configuration.storage


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
        return path(data_dir)
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
    authority = base_url.removesuffix("/imodels")
    return "\n".join(
        [
            f"base URL  {base_url}",
            *([f"page      {page_url}  (open it in a browser)"] if page_url else []),
            *(f"token     {token}  ({user})" for user, token in tokens.items()),
            f"iTwin id  {itwin_id}",
            f"sign in   IMODELS_AUTHORITY={authority} IMODELS_CLIENT_ID=imodels-cli imodels auth login",
            f"try       curl -H 'Authorization: Bearer {token}' '{base_url}/?iTwinId={itwin_id}'",
            "Ctrl-C ends it.",
        ]
    )
