"""Workflows of the fault matrix, and checks of the state after each, whether it succeeded or failed."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from itwin_imodels.errors import IModelsError
from itwin_imodels.mirror import open_mirror
from tests.faults.helpers.world import FOREIGN, OWN, World
from tests.workflows.helpers.files import chain_of, changeset_file

NEW = ("0x11", "0x12", "0x13")


class Run(Protocol):
    """Runs a workflow with a client whose requests fail, and returns its result."""

    def __call__(self, world: World, client: Any) -> Any:
        """Run it."""


Check = Callable[[World, Any, IModelsError | None], None]


def list_changesets(world: World, client: Any) -> Any:
    """Read all pages of a list."""
    return [each.id for each in client.changesets.list(world.imodel_id, order_by="index")]


def list_changesets_at_once(world: World, client: Any) -> Any:
    """Read all pages of a list, several of them in parallel."""
    return [each.id for each in client.changesets.list(world.imodel_id, order_by="index", concurrency=4)]


def listed(world: World, found: Any, _: IModelsError | None) -> None:
    """Check that the list is complete."""
    assert found is None or found == [file.stem for file in world.files]


def latest(world: World, client: Any) -> Any:
    """Get the newest changeset."""
    return client.changesets.latest(world.imodel_id)


def is_latest(world: World, found: Any, error: IModelsError | None) -> None:
    """Check that the newest changeset was returned."""
    assert error is not None or found.id == world.files[-1].stem


def pull(world: World, client: Any) -> Any:
    """Pull the files of the timeline."""
    return client.pull_changesets(world.imodel_id, world.folder, timeout=10)


def pulled(world: World, found: Any, error: IModelsError | None) -> None:
    """Check that existing files are correct, and that all exist after a success."""
    world.assert_files_right()
    if error is None:
        assert [each.path.stem for each in found] == [file.stem for file in world.files]
        assert {each.path.read_bytes() for each in found} == {file.read_bytes() for file in world.files}


def mirror(world: World, client: Any) -> Any:
    """Mirror the timeline."""
    return client.mirror_timeline(world.imodel_id, world.folder, timeout=10, lock_timeout=5)


def mirrored(world: World, result: Any, error: IModelsError | None) -> None:
    """Check that existing files are correct, and that all exist and are in the database after a success."""
    world.assert_files_right()
    if error is None:
        assert result.changesets == len(world.files)
        with open_mirror(world.folder) as found:
            assert [each.changeset.id for each in found.changesets()] == [file.stem for file in world.files]


def checkpoint(world: World, client: Any) -> Any:
    """Download the baseline, and apply all changesets to it."""
    return client.download_checkpoint(
        world.imodel_id, world.folder / "newest.bim", changeset=len(world.files), apply=True, timeout=10
    )


def delivered(world: World, result: Any, error: IModelsError | None) -> None:
    """Check that the database is at the newest changeset, or does not exist."""
    target = world.folder / "newest.bim"
    assert target.exists() == (error is None)
    if error is None:
        assert result.changeset_index == len(world.files)
        tables = _tables(target)
        assert sum(name.startswith("t_") for name in tables) == len(world.files)


def _tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def push(world: World, client: Any) -> Any:
    """Push a changeset."""
    file = changeset_file(world.folder, world.files[-1].stem)
    return client.push_changeset(
        world.imodel_id, file, briefcase_id=world.briefcase_id, parent_id=world.files[-1].stem, timeout=10
    )


def push_chain(world: World, client: Any) -> Any:
    """Push three changesets in a group."""
    files = chain_of(world.folder, 3, world.files[-1].stem)
    return client.push_changesets(
        world.imodel_id,
        files,
        briefcase_id=world.briefcase_id,
        parent_id=world.files[-1].stem,
        group="Night",
        timeout=10,
    )


def pushed(world: World, result: Any, error: IModelsError | None) -> None:
    """Check that the timeline contains the pushed changesets, and that the others can be pushed once."""
    world.assert_timeline_whole()
    files = sorted(world.folder.glob("*.cs"), key=lambda path: path.stat().st_mtime_ns)
    known = [each.id for each in world.timeline][len(world.files) :]
    assert known == [file.stem for file in files][: len(known)]
    if error is None:
        given = result if isinstance(result, list) else [result]
        assert known == [each.id for each in given] == [file.stem for file in files]
    for file in files[len(known) :]:
        world.direct.push_changeset(
            world.imodel_id, file, briefcase_id=world.briefcase_id, parent_id=world.timeline[-1].id, timeout=10
        )
    world.assert_timeline_whole()


def acquire_locks(world: World, client: Any) -> Any:
    """Acquire more locks than one request can contain."""
    return client.acquire_locks(
        world.imodel_id, world.briefcase_id, exclusive=NEW, changeset_id=world.files[-1].stem, timeout=2
    )


def acquired(world: World, _: Any, error: IModelsError | None) -> None:
    """Check that earlier locks are still held, and new ones after a success."""
    world.assert_others_untouched()
    locks = world.locks(world.briefcase_id)
    assert locks >= set(OWN)
    assert error is not None or locks == {*OWN, *NEW}


def acquire_taken(world: World, client: Any) -> Any:
    """Acquire locks, one of which another user holds."""
    wanted = (*NEW, FOREIGN[0])
    return client.acquire_locks(
        world.imodel_id, world.briefcase_id, exclusive=wanted, changeset_id=world.files[-1].stem
    )


def not_acquired(world: World, _: Any, error: IModelsError | None) -> None:
    """Check that the call failed and that earlier locks are still held."""
    assert error is not None
    world.assert_others_untouched()
    assert world.locks(world.briefcase_id) >= set(OWN)


def release_locks(world: World, client: Any) -> Any:
    """Release all locks of a briefcase."""
    return client.release_all_locks(world.imodel_id, world.briefcase_id)


def released(world: World, _: Any, error: IModelsError | None) -> None:
    """Check that no lock is left after a success, and that other users still hold theirs."""
    world.assert_others_untouched()
    assert error is not None or not world.locks(world.briefcase_id)


def session(world: World, client: Any) -> Any:
    """Work in an authoring session: acquire a briefcase and locks, push, and release the briefcase and the locks."""
    name = f"ci-{uuid4().hex}"
    with client.authoring_session(world.imodel_id, device_name=name) as author:
        author.lock(exclusive=NEW)
        author.push(changeset_file(world.folder, author.changeset_id))
    return name


def ended(world: World, found: Any, error: IModelsError | None) -> None:
    """Check that the timeline is complete, and that briefcase and locks are released after a success."""
    world.assert_timeline_whole()
    world.assert_others_untouched()
    if error is None:
        names = [each.device_name for each in world.direct.briefcases.list(world.imodel_id)]
        assert found not in names
        assert len(world.timeline) == len(world.files) + 1


def create_imodel(world: World, client: Any) -> Any:
    """Create an iModel."""
    return client.create_imodel(world.hub.itwin_id, f"New {world.imodel_id}", timeout=10)


def created(world: World, result: Any, error: IModelsError | None) -> None:
    """Check that at most one exists under this name, and exactly one after a success."""
    name = f"New {world.imodel_id}"
    found = [each.id for each in world.direct.imodels.list(world.hub.itwin_id, name=name)]
    assert len(found) <= 1
    assert error is not None or found == [result.id]


def name_version(world: World, client: Any) -> Any:
    """Create a Named Version."""
    return client.named_versions.create(world.imodel_id, "Issued", changeset_id=world.files[-1].stem)


def named(world: World, result: Any, error: IModelsError | None) -> None:
    """Check that at most one exists under this name, and exactly one after a success."""
    found = [each.id for each in world.direct.named_versions.list(world.imodel_id) if each.name == "Issued"]
    assert len(found) <= 1
    assert error is not None or found == [result.id]


def release_stale(world: World, client: Any) -> Any:
    """Release the locks of a lost device."""
    found = client.release_stale_locks(world.imodel_id, device="desk", dry_run=False)
    for each in found:
        if each.error is not None:
            raise each.error
    return {each.briefcase.briefcase_id for each in found if each.freed}


def only_stale(world: World, freed: Any, _: IModelsError | None) -> None:
    """Check that the reported locks are released, and that other users still hold theirs."""
    world.assert_others_untouched()
    assert not freed or (freed == {world.briefcase_id} and not world.locks(world.briefcase_id))


WORKFLOWS: dict[str, tuple[Run, Check]] = {
    "list": (list_changesets, listed),
    "list in parallel": (list_changesets_at_once, listed),
    "latest": (latest, is_latest),
    "pull": (pull, pulled),
    "mirror": (mirror, mirrored),
    "checkpoint": (checkpoint, delivered),
    "push": (push, pushed),
    "push chain": (push_chain, pushed),
    "acquire locks": (acquire_locks, acquired),
    "acquire taken locks": (acquire_taken, not_acquired),
    "release locks": (release_locks, released),
    "release stale locks": (release_stale, only_stale),
    "authoring session": (session, ended),
    "create iModel": (create_imodel, created),
    "name version": (name_version, named),
}
READING = frozenset({"list", "list in parallel", "latest", "pull", "mirror", "checkpoint"})
"""Workflows that only read."""
