"""The seed `demo`: a bridge with two authors, eight weeks of pushes, and forgotten briefcases and locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from imodel_files.changesets import write_changeset
from itwin_imodels_hub.control.demo_bridge import PARAPETS, STEPS, Bridge, Step
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.seeding import plant
from itwin_imodels_hub.control.seeds import (
    SeedBriefcase,
    SeedChangeset,
    SeedCheckpoint,
    SeedIModel,
    SeedNamedVersion,
)
from itwin_imodels_hub.store.users import all_users
from itwin_imodels_hub.work.checkpoints import record_position

NAME: Final = "Demo iModel"
_AUTHORS: Final = 2
_LAST_PUSH: Final = timedelta(hours=3)


def plant_demo(hub: Hub) -> str:
    """Create the iModel of the seed `demo` and return its id.

    The authors are the first two users of the hub by name, or its only user. By the hub's clock, all times are in the
    past.
    """
    with hub.store.reading() as connection:
        names = [user.name for user in all_users(connection)][:_AUTHORS]
    with _demo_seed(names, hub.clock.now()) as seed:
        return plant(hub, seed)


@contextmanager
def _demo_seed(authors: list[str], now: datetime) -> Iterator[SeedIModel]:
    """Yield the seed with its files, which are deleted at the end of the block."""
    bridge = Bridge()
    with TemporaryDirectory(prefix="imodels-hub-demo-") as name:
        folder = Path(name)
        baseline = folder / "baseline.bim"
        baseline.write_bytes(bridge.content())
        changesets: list[SeedChangeset] = []
        versions, checkpoints = [_baseline_version(now)], []
        for index, step in enumerate(STEPS, start=1):
            changeset_id = _write(bridge, step, folder, changesets[-1].id if changesets else None)
            changesets.append(_changeset(step, changeset_id, folder, now))
            if step.version:
                file = folder / f"{changeset_id}.bim"
                file.write_bytes(bridge.content())
                record_position(file, changeset_id, index)
                checkpoints.append(SeedCheckpoint(changeset_index=index, file=file))
                created = _moment(step, now) + timedelta(minutes=20)
                versions.append(SeedNamedVersion(name=step.version, changeset_index=index, created_at=created))
        yield SeedIModel(
            name=NAME,
            description="A bridge by two authors: a sample that comes with the hub",
            baseline=baseline,
            owner=authors[0],
            created_at=now - timedelta(days=56),
            briefcases=_briefcases(bridge, authors, now),
            open_group=PARAPETS,
            changesets=changesets,
            named_versions=versions,
            checkpoints=checkpoints,
        )


def _baseline_version(now: datetime) -> SeedNamedVersion:
    created = now - timedelta(days=56)
    return SeedNamedVersion(name="As delivered", description="The baseline", created_at=created)


def _write(bridge: Bridge, step: Step, folder: Path, parent_id: str | None) -> str:
    recorded, ddl = bridge.change(step)
    return write_changeset(folder, recorded, parent_id=parent_id, ddl=ddl)


def _changeset(step: Step, changeset_id: str, folder: Path, now: datetime) -> SeedChangeset:
    return SeedChangeset(
        id=changeset_id,
        file=folder / f"{changeset_id}.cs",
        description=step.description,
        containing_changes=step.kinds,
        briefcase_id=2 + step.author,
        group=step.group,
        pushed_at=_moment(step, now),
    )


def _moment(step: Step, now: datetime) -> datetime:
    """Return the push time of a step; the step of today was pushed a few hours ago, so that its group is still open."""
    if not step.days:
        return now - _LAST_PUSH
    day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=step.days)
    return day + timedelta(hours=step.hour, minutes=(7 * step.days + 11 * step.hour) % 60)


def _briefcases(bridge: Bridge, authors: list[str], now: datetime) -> list[SeedBriefcase]:
    """Return an active briefcase of each author, and two forgotten ones, one of them with locks."""
    first, second = authors[0], authors[-1]
    model = "0x1"
    return [
        SeedBriefcase(
            id=2,
            owner=first,
            device_name="drawing-office-1",
            acquired_at=now - timedelta(days=55),
            exclusive=[bridge.element("Girder 5"), bridge.element("Girder 6")],
            shared=[model],
        ),
        SeedBriefcase(
            id=3,
            owner=second,
            device_name="drawing-office-2",
            acquired_at=now - timedelta(days=55),
            exclusive=[bridge.element("Parapet north")],
            shared=[model],
        ),
        SeedBriefcase(
            id=4,
            owner=second,
            device_name="site-laptop",
            acquired_at=now - timedelta(days=47),
            exclusive=[bridge.element("Pier 3"), bridge.element("Pier 4"), bridge.element("Abutment 7")],
            shared=[model],
        ),
        SeedBriefcase(id=5, owner=first, device_name="ci-runner-7", acquired_at=now - timedelta(days=21)),
    ]
