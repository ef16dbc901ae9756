"""Context of one run of a command: settings, client and output."""

import re
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TextIO

import typer

from itwin_imodels.cli.asking import confirm
from itwin_imodels.cli.columns import View
from itwin_imodels.cli.output import TABLE, Output
from itwin_imodels.cli.query import Query, form_for
from itwin_imodels.cli.settings import Settings, named_profile, resolve_settings
from itwin_imodels.cli.streams import DEFAULT_ENCODING, encode_as, replace_unencodable
from itwin_imodels.errors import NameNotFound
from itwin_imodels.profiles import DEFAULT_NAME, Profiles

if TYPE_CHECKING:
    from itwin_imodels import IModelsClient

Progress = Callable[[int, int | None], None]
Counted = Callable[[int, int, str], None]

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Identified(Protocol):
    """An entity with an id."""

    @property
    def id(self) -> str:
        """Id of the entity."""
        ...


@dataclass(frozen=True, kw_only=True)
class Common:
    """Values of the common options; None or False for those not given."""

    output: str | None = None
    query: str | None = None
    encoding: str | None = None
    profile: str | None = None
    base_url: str | None = None
    environment: str | None = None
    client_id: str | None = None
    itwin: str | None = None
    verbose: bool = False
    debug: bool = False
    quiet: bool = False


class Run:
    """Context of one run of a command.

    Attributes:
        quiet: Whether to show only errors and warnings.
        is_resumable: Whether running the same command again resumes its work.
    """

    def __init__(self, common: Common, *, patience: float | None = None) -> None:
        """Create a context; nothing is read or sent until it is needed.

        Args:
            common: The common options.
            patience: Timeout of each request in seconds, without retries; None for the client's defaults.
        """
        self._patience = patience
        self.quiet = common.quiet
        self.is_resumable = False
        self._common = common
        self._client: IModelsClient | None = None
        self._itwin_id: str | None = None

    def __enter__(self) -> Self:
        """Return the context itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        if self._client is not None:
            self._client.close()

    @cached_property
    def profiles(self) -> Profiles:
        """The profiles of this user."""
        return Profiles.read()

    @property
    def profile_name(self) -> str:
        """Name of the profile to change: the given one, or otherwise the default one."""
        return named_profile(self._common.profile) or self.profiles.current or DEFAULT_NAME

    @cached_property
    def settings(self) -> Settings:
        """The effective settings: flags, environment variables, profile and defaults, in this order."""
        common = self._common
        flags = {
            "output": common.output,
            "encoding": common.encoding,
            "base_url": common.base_url,
            "environment": common.environment,
            "client_id": common.client_id,
            "itwin_id": common.itwin,
        }
        return resolve_settings(flags, self.profiles, common.profile)

    @property
    def connection(self) -> str | None:
        """Name of the profile that other processes must use; None if there is none.

        Raises:
            ValueError: An option sets a connection that is not passed to other processes.
        """
        common = self._common
        options = {"base-url": common.base_url, "environment": common.environment, "client-id": common.client_id}
        for name, value in options.items():
            if value is not None:
                variable = f"IMODELS_{name.upper().replace('-', '_')}"
                raise ValueError(
                    f"--{name} does not apply to workers: set {variable} in their environment, or use a profile"
                )
        chosen = self.profiles.chosen(named_profile(common.profile))
        return None if chosen is None else chosen.name

    @cached_property
    def output(self) -> Output:
        """The printer of data."""
        query = None if self._common.query is None else Query(self._common.query)
        form = form_for(self.settings, query)
        stream = replace_unencodable(sys.stdout) if form == TABLE else self.data_stream()
        return Output(form, stream, self.note, query)

    def check_query(self) -> None:
        """Check the query for the output, if there is one, before the command acts.

        Raises:
            ValueError: The expression is invalid, or the output is not JSON.
        """
        if self._common.query is not None:
            form_for(self.settings, Query(self._common.query))

    def data_stream(self) -> TextIO:
        """Return standard output in the encoding of data."""
        return encode_as(sys.stdout, self.settings["encoding"] or DEFAULT_ENCODING)

    @property
    def client(self) -> "IModelsClient":
        """The client of the service, created on first use."""
        if self._client is None:
            from itwin_imodels import IModelsClient, RetryPolicy, Timeout  # noqa: PLC0415 - help needs no HTTP
            from itwin_imodels.cli.access import access  # noqa: PLC0415 - as above

            base_url, environment = self.settings["base_url"], self.settings["environment"]
            self._client = IModelsClient(
                access(self.settings),
                base_url=base_url,
                environment=None if base_url else environment,  # type: ignore[arg-type] # checked by the client
                timeout=None if self._patience is None else Timeout(total=self._patience),
                retry=None if self._patience is None else RetryPolicy.never(),
            )
        return self._client

    @property
    def base_url_in_use(self) -> str | None:
        """The configured base URL; None before the client is created, and for the environments of the service."""
        return None if self._client is None else self.settings["base_url"]

    def itwin_id(self) -> str:
        """Return the id of the iTwin to work in.

        Raises:
            AmbiguousName: Several iTwins have the configured name.
            NameNotFound: No iTwin has the configured name.
            ValueError: No iTwin is configured.
        """
        if self._itwin_id is None:
            itwin = self.settings["itwin_id"]
            if itwin is None:
                raise ValueError(
                    "no iTwin is configured: use --itwin, set IMODELS_ITWIN_ID, or run 'imodels config set itwin_id ID'"
                )
            self._itwin_id = self.itwin_id_of(itwin)
        return self._itwin_id

    def itwin_id_of(self, itwin: str) -> str:
        """Return the id of an iTwin that is given by id or name.

        Raises:
            AmbiguousName: Several iTwins have this name.
            NameNotFound: No iTwin has this name.
        """
        return self.resolve_id(itwin, lambda: self.client.itwins.get_by_name(itwin), "iTwin")

    def imodel_id(self, imodel: str) -> str:
        """Return the id of an iModel that is given by id or name.

        Raises:
            NameNotFound: No iModel of the iTwin has this name.
            ValueError: A name is given, but no iTwin is configured.
        """
        return self.resolve_id(imodel, lambda: self.client.imodels.get_by_name(self.itwin_id(), imodel), "iModel")

    def resolve_id(self, text: str, find: "Callable[[], Identified | None]", what: str) -> str:
        """Return the id of an entity that is given by id or name.

        Args:
            text: Id or name; a string in the form of an id is treated as an id.
            find: Returns the entity with this name.
            what: The kind of entity.

        Raises:
            NameNotFound: No entity has this name.
            ValueError: The string is empty.
        """
        if _ID.fullmatch(text):
            return text
        if not text.strip():
            raise ValueError(f"the id or name of the {what} must not be empty")
        entity = find()
        if entity is None:
            raise NameNotFound(
                f"no {what} is named {text!r}. Check the name, or use the id.", entity=f"{what} {text!r}"
            )
        return entity.id

    def show(self, item: object, view: View) -> None:
        """Print one item."""
        self.output.item(item, view)

    def list(self, items: Iterable[Any], view: View) -> None:
        """Print several items, as they arrive if the format allows it."""
        self.output.items(items, view)

    def note(self, text: str) -> None:
        """Show a message on standard error, unless `quiet` is set."""
        if not self.quiet:
            typer.echo(text, err=True)

    def warn(self, text: str) -> None:
        """Show a warning on standard error, even if `quiet` is set."""
        typer.echo(f"Warning: {text}", err=True)

    def confirm(self, question: Callable[[], str], *, yes: bool) -> None:
        """Ask for confirmation of an irrevocable action; see `asking.confirm`."""
        confirm(question, yes=yes)

    def transfer(self, title: str, *, resumable: bool = True) -> AbstractContextManager[Progress]:
        """Show the progress of a transfer during a `with` block; yield the callback that reports it.

        Args:
            title: Title of the transfer.
            resumable: Whether running the same command again resumes it.
        """
        from itwin_imodels.cli.progress import transfer  # noqa: PLC0415 - few commands transfer files

        self.is_resumable = resumable

        return transfer(title, quiet=self.quiet)

    def counting(self, title: str, *, resumable: bool = True) -> "AbstractContextManager[Counted]":
        """Show the progress of work on many entities during a `with` block; yield the callback that reports it.

        Args:
            title: Title of the work.
            resumable: Whether running the same command again resumes it.
        """
        from itwin_imodels.cli.progress import counting  # noqa: PLC0415 - few commands count

        self.is_resumable = resumable

        return counting(title, quiet=self.quiet)

    def waiting(self, title: str, timeout: float | None) -> AbstractContextManager[None]:
        """Show the elapsed and the remaining time of a wait during a `with` block."""
        from itwin_imodels.cli.progress import waiting  # noqa: PLC0415 - few commands wait

        return waiting(title, timeout, quiet=self.quiet)
