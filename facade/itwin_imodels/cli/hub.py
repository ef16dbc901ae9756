"""``imodels hub``: the API served on this machine."""

import importlib
import ipaddress
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
from itwin_imodels.cli.ending import text_of
from itwin_imodels.cli.hub_output import announcement

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
        parser=path, metavar="<path>", help="TOML file with settings, users, iTwins, webhooks and file storage."
    ),
]
Storage = Annotated[
    _Kind | None,
    typer.Option(
        help=(
            "File storage: the hub's folder, or the Azure account in the configuration file or in"
            " $AZURE_STORAGE_CONNECTION_STRING."
        ),
        show_default="the one in the configuration file, else folder",
    ),
]
ServedDataDir = Annotated[
    str,
    typer.Option(
        help=f"Data folder of the hub; with {_NOT_KEPT} nothing is kept.", show_default="the user's data folder"
    ),
]
DataDir = Annotated[str, typer.Option(help="Data folder of the hub.", show_default="the user's data folder")]
Database = Annotated[
    str,
    typer.Option(
        help=(
            "Database for the state: postgresql+psycopg://user@host/name. To pass a password, set IMODELS_HUB_DATABASE"
            " instead."
        ),
        envvar="IMODELS_HUB_DATABASE",
        show_default="SQLite in the folder",
    ),
]
Upgrade = Annotated[bool, typer.Option("--upgrade", help="Migrate tables of an older version.")]


@app.command(cls=Command, epilog="imodels hub serve --seed demo --port 8650")
def serve(
    *,
    data_dir: ServedDataDir = "",
    database: Database = "",
    workers: Annotated[
        int,
        typer.Option(
            help="Number of server processes; more than one requires --database and excludes --control.", min=1
        ),
    ] = 1,
    upgrade: Upgrade = False,
    check_database: Annotated[
        bool, typer.Option("--check-database", help="Check all pages of the SQLite file before serving.")
    ] = False,
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 selects a free one.", min=0, max=65535)
    ] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="Name or address by which clients call the hub, in addition to loopback names; repeatable."),
    ] = None,
    allowed_origin: Annotated[
        list[str] | None,
        typer.Option(help="Origin whose web pages may call the hub: https://viewer.example.com; repeatable."),
    ] = None,
    seed: Annotated[str, typer.Option(help="Initial content of a new hub: demo, or a TOML file.")] = "",
    config: Config = None,
    storage: Storage = None,
    links: Annotated[
        Literal["azure", "google"] | None,
        typer.Option(
            help="Type of storage whose links the hub imitates for files in its folder.",
            show_default="the one in the configuration file, else azure",
        ),
    ] = None,
    verify_changesets: Annotated[
        bool | None,
        typer.Option(
            help="Reject changesets whose id does not match their file.",
            show_default="the setting in the configuration file, else off",
        ),
    ] = None,
    control: Annotated[
        bool, typer.Option(help="Serve the control API under /_hub/ and print the secret that it requires.")
    ] = False,
    control_files: Annotated[
        Path | None,
        typer.Option(
            parser=path,
            metavar="<path>",
            help="Folder below which the control API may read files; by default, it may read none.",
        ),
    ] = None,
    show_tokens: Annotated[
        bool | None,
        typer.Option(
            "--show-tokens/--hide-tokens",
            help="Print tokens and secrets; hidden ones are written to credentials.json in the data folder.",
            show_default="shown on a terminal only",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when ready.")] = False,
) -> None:
    """Serve the iModels API until interrupted, and print its URL and, on a terminal, its access tokens."""
    package = _module("itwin_imodels_hub")
    folder = _folder(data_dir)
    with _hub_errors("serve"):
        _check_kept(folder, database)
        configuration = _configuration(config)
        changed = {"storage_type": links, "verify_changesets": verify_changesets}
        local = package.LocalHub(
            folder,
            seed=seed if seed in ("", "demo") else Path(seed),
            settings=configuration.settings.with_(
                allowed_hosts=(*configuration.settings.allowed_hosts, *(allowed_host or ())),
                allowed_origins=(*configuration.settings.allowed_origins, *(allowed_origin or ())),
                **{name: value for name, value in changed.items() if value is not None},
            ),
            users=configuration.users,
            storage=_storage(configuration, storage),
            itwins=configuration.itwins,
            webhooks=configuration.webhooks,
            host=host,
            port=port,
            control=control,
            control_files=control_files,
            database=database or None,
            upgrade=upgrade,
            check_database=check_database,
            workers=workers,
        )
        announce = announcement(local, as_json=as_json, show_tokens=show_tokens)
    if not _is_loopback(host):
        typer.echo(f"Warning: {host} is reachable from other machines. The hub does not encrypt connections.", err=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # treat SIGTERM like Ctrl-C
    try:
        local.run(lambda: typer.echo(announce()))
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


@app.command(cls=Command, epilog="imodels hub seed iModels.toml --data-dir hub")
def seed(
    seeds: Annotated[Path, typer.Argument(metavar="SEEDS", help="TOML file with iTwins and iModels.")],
    *,
    data_dir: DataDir = "",
    database: Database = "",
    config: Config = None,
    storage: Storage = None,
) -> None:
    """Add iTwins and iModels to a stopped hub, and print their ids and names."""
    with _hub_errors("seed"):
        imodels = _module("itwin_imodels_hub.control.seeds").read_seeds(seeds)
        itwins = _module("itwin_imodels_hub.control.itwin_seeding").read_itwins(seeds)
        with _open_hub(data_dir, database, config, storage) as hub:
            for each in itwins:
                typer.echo(f"{hub.control.create_itwin(each)}\t{each.name}")
            for each in imodels:
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
    """Write all data of a hub to a file. The hub must not be running unless its state is in a database server."""
    with _hub_errors("dump"), _open_hub(data_dir, database, config, storage) as hub:
        hub.control.dump(file)


@app.command(cls=Command, epilog="imodels hub load state.zip --data-dir hub --yes")
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file written by 'imodels hub dump'.")],
    *,
    data_dir: DataDir = "",
    database: Database = "",
    config: Config = None,
    storage: Storage = None,
    yes: Yes = False,
) -> None:
    """Replace all data of a stopped hub with the contents of a file, or create a new hub from the file."""
    with _hub_errors("load"):
        if _exists(_folder(data_dir), database):
            confirm(lambda: "Replace all data of the hub? This cannot be undone.", yes=yes)
        _module("itwin_imodels_hub.control.snapshots").check(file)
        with _open_hub(data_dir, database, config, storage, new=True) as hub:
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
    """Delete all data of a stopped hub except what its configuration contains, and print the id of its first iTwin."""
    with _hub_errors("reset"):
        confirm(lambda: "Delete all data of the hub? This cannot be undone.", yes=yes)
        with _open_hub(data_dir, database, config, storage) as hub:
            typer.echo(hub.control.reset())


@app.command(cls=Command, epilog="imodels hub upgrade --data-dir hub")
def upgrade(*, data_dir: DataDir = "", database: Database = "", config: Config = None, storage: Storage = None) -> None:
    """Migrate the tables of a stopped hub to this version. Make a backup first."""
    with _hub_errors("upgrade"), _open_hub(data_dir, database, config, storage, upgrade=True):
        typer.echo(f"The tables have revision {_module('itwin_imodels_hub.store.schema').REVISION}.")


@contextmanager
def _hub_errors(command: str) -> Iterator[None]:
    """Convert errors to a message of one line and an exit code."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        typer.echo(f"imodels hub {command}: {text_of(error)}", err=True)
        raise typer.Exit(2 if isinstance(error, NobodyToAskError) else 1) from error


@contextmanager
def _open_hub(
    data_dir: str,
    database: str,
    config: Path | None,
    storage: _Kind | None,
    *,
    upgrade: bool = False,
    new: bool = False,
) -> Iterator[Any]:
    """Open the hub in a folder, with its database and file storage if these are elsewhere.

    Args:
        data_dir: The folder.
        database: URL of the database; empty for SQLite in the folder.
        config: The configuration file; None for the defaults.
        storage: Kind of file storage; None for the one in the configuration file.
        upgrade: Whether to upgrade tables of an older version.
        new: Whether to create a hub if there is none.

    Raises:
        ValueError: The folder contains no hub.
    """
    folder = _folder(data_dir)
    if folder is None or not (new or _exists(folder, database)):
        raise ValueError(f"there is no hub in {data_dir or folder}")
    configuration = _configuration(config)
    with _module("itwin_imodels_hub").LocalHub(
        folder,
        settings=configuration.settings,
        users=configuration.users,
        itwins=configuration.itwins,
        storage=_storage(configuration, storage),
        database=database or None,
        upgrade=upgrade,
    ) as hub:
        yield hub


def _exists(folder: Path | None, database: str) -> bool:
    """Check whether a folder contains a hub."""
    return folder is not None and (folder / (_KEY if database else _DATABASE)).exists()


def _check_kept(folder: Path | None, database: str) -> None:
    """Check that the hub keeps its files if it keeps its state.

    Raises:
        ValueError: The state is kept in a database, but the files are not.
    """
    if folder is None and database:
        raise ValueError(
            f"--database requires a folder for the files: specify --data-dir FOLDER instead of {_NOT_KEPT}"
        )


def _configuration(path: Path | None) -> "HubConfig":
    package = _module("itwin_imodels_hub")
    read: HubConfig = package.HubConfig() if path is None else package.read_config(path)
    return read


def _storage(configuration: "HubConfig", kind: _Kind | None) -> "AzureStorage | None":
    """Return the file storage selected by the command line, or else by the configuration file; None is the folder."""
    if kind == "folder":
        return None
    if kind == "azure" and configuration.storage is None:
        storage: AzureStorage = _module("itwin_imodels_hub").AzureStorage()
        return storage
    return configuration.storage


def _module(name: str) -> ModuleType:
    """Import a module that requires the extra `hub`."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        typer.echo("imodels hub requires the extra 'hub': pip install 'itwin-imodels[cli,hub]'", err=True)
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
