"""One run of a command: where it connects to, as whom, and where it speaks."""

import re
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import typer

from itwin_imodels.cli.asking import confirm
from itwin_imodels.cli.output import Output, View
from itwin_imodels.cli.profiles import DEFAULT_NAME, Profiles
from itwin_imodels.cli.settings import Settings, named_profile, resolved
from itwin_imodels.errors import NameNotFound

if TYPE_CHECKING:
    from itwin_imodels import IModelsClient

Progress = Callable[[int, int | None], None]

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Identified(Protocol):
    """What has an id."""

    @property
    def id(self) -> str:
        """Its id."""
        ...


@dataclass(frozen=True, kw_only=True)
class Common:
    """What the common options say; None for those that are not given."""

    output: str | None = None
    profile: str | None = None
    base_url: str | None = None
    environment: str | None = None
    client_id: str | None = None
    itwin: str | None = None
    quiet: bool = False


class Run:
    """What a command works with.

    Attributes:
        quiet: Whether only errors are told.
    """

    def __init__(self, common: Common) -> None:
        """Begin; nothing is read or sent before it is needed."""
        self.quiet = common.quiet
        self._common = common
        self._opened: IModelsClient | None = None

    def __enter__(self) -> Self:
        """Give the run."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.close()

    @cached_property
    def profiles(self) -> Profiles:
        """The profiles of this user."""
        return Profiles.read()

    @property
    def profile_name(self) -> str:
        """The profile to change: the one that is named, else the current one."""
        return named_profile(self._common.profile) or self.profiles.current or DEFAULT_NAME

    @cached_property
    def settings(self) -> Settings:
        """Flags, then environment variables, then the profile."""
        common = self._common
        flags = {
            "output": common.output,
            "base_url": common.base_url,
            "environment": common.environment,
            "client_id": common.client_id,
            "itwin_id": common.itwin,
        }
        return resolved(flags, self.profiles, common.profile)

    @cached_property
    def output(self) -> Output:
        """Where the data go."""
        return Output(self.settings["output"] or "table", sys.stdout, self.note)

    @property
    def client(self) -> "IModelsClient":
        """The client of the service; opened when it is first needed."""
        if self._opened is None:
            from itwin_imodels import IModelsClient  # noqa: PLC0415 - help needs no HTTP
            from itwin_imodels.cli.access import access  # noqa: PLC0415 - as above

            base_url, environment = self.settings["base_url"], self.settings["environment"]
            self._opened = IModelsClient(
                access(self.settings),
                base_url=base_url,
                environment=None if base_url else environment,  # type: ignore[arg-type] # checked there
            )
        return self._opened

    def itwin_id(self) -> str:
        """Give the iTwin to work in.

        Raises:
            ValueError: None is named.
        """
        itwin_id = self.settings["itwin_id"]
        if itwin_id is None:
            raise ValueError(
                "which iTwin? Name it with --itwin or IMODELS_ITWIN_ID, or keep it: imodels config set itwin_id ID"
            )
        return itwin_id

    def imodel_id(self, imodel: str) -> str:
        """Return the id of an iModel that is named by its id or its name.

        Raises:
            NameNotFound: No iModel of the iTwin has this name.
            ValueError: It is a name, and no iTwin is named.
        """
        return self.named(imodel, lambda: self.client.imodels.get_by_name(self.itwin_id(), imodel), "iModel")

    def named(self, text: str, find: "Callable[[], Identified | None]", what: str) -> str:
        """Return the id of an entity that is named by its id or its name.

        Args:
            text: Id or name; a text in the form of an id is an id.
            find: Returns the entity with this name.
            what: The kind of entity.

        Raises:
            NameNotFound: No entity has this name.
        """
        if _ID.fullmatch(text):
            return text
        found = find()
        if found is None:
            raise NameNotFound(
                f"no {what} is named {text!r}. Check the name, or use the id.", entity=f"{what} {text!r}"
            )
        return found.id

    def show(self, item: object, view: View) -> None:
        """Print one thing."""
        self.output.item(item, view)

    def list(self, items: Iterable[Any], view: View) -> None:
        """Print several things, as they come where the form allows it."""
        self.output.items(items, view)

    def note(self, text: str) -> None:
        """Say something to the person, on standard error."""
        if not self.quiet:
            typer.echo(text, err=True)

    def warn(self, text: str) -> None:
        """Warn the person, also a quiet one."""
        typer.echo(f"Warning: {text}", err=True)

    def confirm(self, question: Callable[[], str], *, yes: bool) -> None:
        """Ask before something that cannot be undone; see `asking.confirm`."""
        confirm(question, yes=yes)

    def transfer(self, title: str) -> AbstractContextManager[Progress]:
        """Show how far a transfer is, for the length of a block that is given what to tell it to."""
        from itwin_imodels.cli.progress import transfer  # noqa: PLC0415 - few commands move files

        return transfer(title, quiet=self.quiet)

    def waiting(self, title: str, timeout: float | None) -> AbstractContextManager[None]:
        """Show how long something has been waited for, and when that ends."""
        from itwin_imodels.cli.progress import waiting  # noqa: PLC0415 - few commands wait

        return waiting(title, timeout, quiet=self.quiet)
