"""The examples in the documentation of the two clients run: each on an iModel made for it, with both clients."""

import ast
import asyncio
import builtins
import inspect
import re
import sqlite3
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

import itwin_imodels
from imodel_files.changesets import write_changeset
from itwin_imodels import AsyncIModelsClient, IModelsClient, models, resources
from itwin_imodels._core.waiting import instantly
from itwin_imodels_hub import Clock, HubSettings, LocalHub, SeedChangeset, SeedCheckpoint, SeedIModel, SeedNamedVersion
from tests.behaviour.helpers.control import tls
from tests.behaviour.helpers.making import announce, picture, put
from tests.transfer.helpers.containers import put_into

CHANGESETS = 8
ROLE = "5abbfcef-0eab-472a-b5f5-5c5a43df34b1"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
"""When the examples run: their dates are later."""


class Example(NamedTuple):
    """A piece of documentation."""

    place: str
    source: str

    @property
    def is_async(self) -> bool:
        """Return whether the example uses the asynchronous client."""
        return "Async" in self.place

    @property
    def needs(self) -> set[str]:
        """Return the names that the example uses without defining them."""
        tree = ast.parse(f"async def example():\n{textwrap.indent(self.source, '    ')}")
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        stored = {node.id for node in found if not isinstance(node.ctx, ast.Load)}
        caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name}
        loaded = {node.id for node in found if isinstance(node.ctx, ast.Load)}
        return loaded - stored - caught - set(dir(builtins))


def examples() -> Iterator[Example]:
    """Return all examples of classes and their methods; inherited ones once."""
    kinds = [AsyncIModelsClient, IModelsClient, *(getattr(resources, name) for name in resources.__all__)]
    seen: set[tuple[bool, str]] = set()
    for kind in kinds:
        for name, member in {"": kind, **dict(inspect.getmembers_static(kind))}.items():
            document = inspect.cleandoc(getattr(member, "__doc__", None) or "") if name[:1] != "_" else ""
            for number, source in enumerate(re.findall(r"```python\n(.*?)```", document, re.DOTALL)):
                example = Example(f"{kind.__name__}{f'.{name}' if name else ''}{number or ''}", textwrap.dedent(source))
                if (example.is_async, example.source) not in seen:
                    yield example
                seen.add((example.is_async, example.source))


class Desk:
    """Objects that the examples use, each created when it is first requested."""

    def __init__(self, owner: IModelsClient, files: list[tuple[str, Path]], folder: Path, example: Example) -> None:
        """Prepare nothing; the user of the example owns everything."""
        self.owner, self.files, self.directory, self.example = owner, files, folder, example
        self.hub = owner.hub
        self.itwin_id, self.token, self.base_url = self.hub.itwin_id, self.hub.token("ada"), owner.base_url
        self.is_empty = 'parent_id=""' in example.source or "parent_id=None" in example.source
        self.role_id = ROLE

    @cached_property
    def imodel_id(self) -> str:
        """An iModel with a timeline, unless the example pushes the first changeset or is about the baseline file."""
        if "baseline_files.complete" in self.example.source:
            created = self.owner.imodels.create(self.itwin_id, "Stadium", baseline_file_size=len(self.database()))
            put(created.upload, self.database())
            return created.id
        history = [] if self.is_empty else self.files[:CHANGESETS]
        version = 0 if "checkpoint" in self.example.source else 3
        seed = SeedIModel(
            name="Arena",
            owner="ada",
            changesets=[SeedChangeset(id=changeset_id, file=file) for changeset_id, file in history],
            named_versions=[SeedNamedVersion(name="As planned", changeset_index=version)] if history else [],
            checkpoints=[self.in_blocks] if "update_checkpoint" in self.example.source else [],
        )
        imodel_id = self.hub.control.create_imodel(seed)
        if self.is_empty:
            self.owner.briefcases.acquire(imodel_id)
        if "extended_data.get" in self.example.source:
            self.owner.changeset_extended_data.create(imodel_id, 7, {"source": "survey.dgn"})
        if "release" in self.example.source:
            self.owner.locks.update(imodel_id, 2, exclusive=["0x77"])
        if "LockConflict" in self.example.source:
            other = self.owner.briefcases.acquire(imodel_id)
            self.owner.locks.update(imodel_id, other.briefcase_id, exclusive=["0x1f"])
        return imodel_id

    @property
    def in_blocks(self) -> SeedCheckpoint:
        """A block-based checkpoint."""
        box = put_into(self.directory / "box", {"BASELINE.bim": self.baseline_file})
        return SeedCheckpoint(changeset_index=0, directory=box)

    def database(self) -> bytes:
        """A database in a file."""
        path = self.directory / "made.bim"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS be_Prop (Namespace TEXT, Name TEXT)")
        connection.close()
        return path.read_bytes()

    @property
    def baseline_file(self) -> Path:
        """The file itself."""
        self.database()
        return self.directory / "made.bim"

    @property
    def latest(self) -> Any:
        """The newest changeset."""
        return self.owner.changesets.latest(self.imodel_id)

    @property
    def changeset(self) -> Any:
        """A changeset with a Named Version."""
        return self.owner.changesets.get(self.imodel_id, 3)

    @property
    def changeset_id(self) -> str:
        """Return the id of a future changeset."""
        return self.files[0 if self.is_empty else CHANGESETS][0]

    @property
    def changeset_file(self) -> Path:
        """Return the file of a future changeset."""
        return self.files[0 if self.is_empty else CHANGESETS][1]

    @property
    def changeset_files(self) -> list[Path]:
        """Return the files of some future changesets."""
        return [file for _, file in self.files[:3]]

    @property
    def created(self) -> Any:
        """Create a changeset whose file is uploaded, but not yet confirmed."""
        created, content = announce(self.owner, self.imodel_id, 2, self.latest.id)
        put(created.upload, content)
        return created

    @property
    def briefcase(self) -> Any:
        """A briefcase."""
        return self.owner.briefcases.get(self.imodel_id, 2)

    @cached_property
    def group(self) -> Any:
        """An open changeset group."""
        return self.owner.changeset_groups.create(self.imodel_id)

    @property
    def group_id(self) -> str:
        """Its id."""
        return str(self.group.id)

    @cached_property
    def named_version(self) -> Any:
        """A Named Version with a checkpoint."""
        found = self.owner.named_versions.list(self.imodel_id).all()[-1]
        if "get_for_named_version" in self.example.source and "checkpoints" in self.example.source:
            self.owner.checkpoints.create_for_named_version(self.imodel_id, found)
            self.owner.wait_for_checkpoint(self.imodel_id, named_version=found)
        return found

    @property
    def named_version_id(self) -> str:
        """Its id."""
        return str(self.named_version.id)

    @cached_property
    def share(self) -> Any:
        """A share."""
        return self.owner.shares.create(self.imodel_id, "Review", expires_at=NOW + timedelta(days=30))

    @property
    def share_id(self) -> str:
        """Its id."""
        return str(self.share.id)

    @property
    def user_id(self) -> str:
        """A user."""
        return str(self.owner.users.list(self.imodel_id).all()[0].id)

    @property
    def picture(self) -> models.Thumbnail:
        """A picture."""
        return models.Thumbnail(content=picture("PNG"), content_type="image/png")

    @cached_property
    def client(self) -> Any:
        """The client of the example's color."""
        if self.example.is_async:
            transport = httpx.AsyncHTTPTransport(verify=tls())
            return AsyncIModelsClient(self.token, base_url=self.base_url, transport=transport)
        return IModelsClient(self.token, base_url=self.base_url, transport=httpx.HTTPTransport(verify=tls()))

    def namespace(self) -> dict[str, object]:
        """What the example needs, by name."""
        public: dict[str, object] = {"timedelta": timedelta}
        for module in (itwin_imodels, models, itwin_imodels.errors):
            public.update({name: getattr(module, name) for name in module.__all__})
        return {name: public[name] if name in public else getattr(self, name) for name in sorted(self.example.needs)}


EXAMPLES = list(examples())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    """Return the files of a timeline: real ones, each based on the one before."""
    folder = tmp_path_factory.mktemp("timeline")
    found: list[tuple[str, Path]] = []
    for number in range(CHANGESETS + 1):
        parent_id = found[-1][0] if found else None
        changeset_id = write_changeset(folder, b"", parent_id=parent_id, ddl=f"CREATE TABLE example_{number}(a)")
        found.append((changeset_id, folder / f"{changeset_id}.cs"))
    return found


@pytest.fixture(scope="module")
def owner() -> Iterator[IModelsClient]:
    """Return a client of one hub for all examples."""
    settings = HubSettings().with_(job_delay=timedelta(0))
    with (
        LocalHub(settings=settings, clock=Clock(NOW)) as hub,
        IModelsClient(hub.token(), base_url=hub.base_url) as owner,
    ):
        owner._hub = hub
        yield owner
        owner._hub = None


@pytest.fixture
def desk(
    owner: IModelsClient, files: list[tuple[str, Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Example], Desk]]:
    """Return a function that prepares an example on an otherwise empty hub."""
    owner.hub.control.reset()
    monkeypatch.setenv("IMODELS_TOKEN", owner.hub.token("ada"))
    monkeypatch.setenv("IMODELS_BASE_URL", owner.base_url)
    with instantly():
        yield lambda example: Desk(owner, files, tmp_path, example)


@pytest.mark.parametrize(
    "example",
    [pytest.param(each, marks=() if each.is_async else pytest.mark.thorough, id=each.place) for each in EXAMPLES],
)
def test_an_example_runs(example: Example, desk: Callable[[Example], Desk], capsys: pytest.CaptureFixture[str]) -> None:
    """Each example runs separately, with the objects that its names require."""
    ready = desk(example)
    names = ready.namespace()
    if example.is_async:
        source = f"async def example():\n{textwrap.indent(example.source, '    ')}\n    return locals()"
        exec(compile(source, example.place, "exec"), names)  # noqa: S102 - our own text

        async def run() -> None:
            try:
                made: dict[str, Any] = await names["example"]()  # type: ignore[operator]  # it is the function above
                names.setdefault("client", made.get("client"))
            finally:
                if isinstance(names.get("client"), AsyncIModelsClient):
                    await names["client"].aclose()  # type: ignore[attr-defined]  # it is a client

        asyncio.run(run())
    else:
        try:
            exec(compile(example.source, example.place, "exec"), names)  # noqa: S102 - our own text
        finally:
            if isinstance(names.get("client"), IModelsClient):
                names["client"].close()  # type: ignore[attr-defined]  # it is a client
    capsys.readouterr()


def test_there_are_examples_of_both_colours() -> None:
    """There are as many examples of one client as of the other."""
    names = [example.place.replace("Async", "") for example in EXAMPLES if example.is_async]
    assert sorted(names) == sorted(example.place for example in EXAMPLES if not example.is_async)
    assert len(names) > 80
