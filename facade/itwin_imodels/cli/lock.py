"""``imodels lock``: locks that briefcases hold on objects."""

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import BriefcaseNumber, IModelName, Limit, PageSize, Yes
from itwin_imodels.cli.cells import counted
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.rows import OwnerLocks
from itwin_imodels.cli.run import Run
from itwin_imodels.errors import OperationFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from itwin_imodels.models import Briefcase, Lock, StaleBriefcase, User

app = Commands("lock", GROUPS["lock"])

Objects = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID",
        help="Id of an object, such as 0x1f; @FILE reads ids from a file, @- from standard input. Repeatable.",
    ),
]
Pushed = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Last changeset pushed from the briefcase; omit it if there were no changes."),
]


@app.verb("list", example="imodels lock list Bridge --by owner")
def list_(
    run: Run,
    imodel: IModelName,
    *,
    by: Annotated[
        Literal["briefcase", "owner"], typer.Option(help="Group the locks by briefcase or by owner.")
    ] = "briefcase",
    briefcase: Annotated[int | None, typer.Option(help="Only list locks of this briefcase.", min=2)] = None,
    level: Annotated[Literal["shared", "exclusive"] | None, typer.Option(help="Only list locks of this level.")] = None,
    limit: Limit = None,
    page_size: PageSize = None,
) -> None:
    """List the locks that are held, by briefcase or by owner."""
    imodel_id = run.imodel_id(imodel)
    locks = run.client.locks.list(imodel_id, briefcase_id=briefcase, level=level, limit=limit, page_size=page_size)
    if by == "briefcase":
        run.list(locks, views.LOCK)
        return
    held = locks.all()
    briefcases = run.client.briefcases.list(imodel_id) if held else ()
    users = run.client.users.list(imodel_id) if held else ()
    run.list(by_owner(held, briefcases, users), views.OWNER_LOCKS)


@app.verb(
    "acquire",
    example="imodels lock acquire Bridge 2 --exclusive 0x20000000011 --shared 0x1 --wait 60\n"
    "imodels lock acquire Bridge 2 --exclusive @elements.txt",
)
def acquire(
    run: Run,
    imodel: IModelName,
    briefcase: BriefcaseNumber,
    *,
    exclusive: Objects = None,
    shared: Objects = None,
    changeset_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Current changeset of the briefcase; omit it for the baseline.")
    ] = None,
    wait: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", help="Maximum number of seconds to wait for others to release their locks.", min=0
        ),
    ] = 0.0,
) -> None:
    """Lock objects for a briefcase: either all of them or none."""
    imodel_id = run.imodel_id(imodel)
    exclusive_ids, shared_ids = arguments.object_ids(exclusive), arguments.object_ids(shared)
    with run.waiting("Acquiring locks", wait):
        lock = run.client.acquire_locks(
            imodel_id, briefcase, exclusive=exclusive_ids, shared=shared_ids, changeset_id=changeset_id, timeout=wait
        )
    run.show(lock, views.LOCK)


@app.verb("release", example="imodels lock release Bridge 2 --object 0x1f")
def release(
    run: Run,
    imodel: IModelName,
    briefcase: BriefcaseNumber,
    *,
    object: Objects = None,  # noqa: A002 - the name of the option
    changeset_id: Pushed = None,
) -> None:
    """Release some locks of a briefcase."""
    ids = arguments.object_ids(object)
    run.client.release_locks(run.imodel_id(imodel), briefcase, ids, changeset_id=changeset_id)
    count = len({int(each, 16) for each in ids})
    locks = "lock" if count == 1 else "locks"
    run.note(f"Released the {locks} of briefcase {briefcase} on {counted(count, 'object')}.")


@app.verb("release-all", example="imodels lock release-all Bridge 2 --yes")
def release_all(
    run: Run, imodel: IModelName, briefcase: BriefcaseNumber, *, changeset_id: Pushed = None, yes: Yes = False
) -> None:
    """Release all locks of a briefcase."""
    imodel_id = run.imodel_id(imodel)

    def question() -> str:
        held = run.client.locks.list(imodel_id, briefcase_id=briefcase).first()
        return f"Release {counted(held.count if held else 0, 'lock')} of briefcase {briefcase}?"

    run.confirm(question, yes=yes)
    with run.waiting("Releasing locks", None):
        chunks = run.client.release_all_locks(imodel_id, briefcase, changeset_id=changeset_id)
    run.note(f"Released all locks of briefcase {briefcase}." if chunks else f"Briefcase {briefcase} held no locks.")


@app.verb(
    "stale",
    example="imodels lock stale Bridge --older-than 30d\n"
    "imodels lock stale Bridge --device 'ci-*' --release --keep-briefcases --yes",
)
def stale(
    run: Run,
    imodel: IModelName,
    *,
    owner: Annotated[
        str | None, typer.Option(help="Only select briefcases of this user: id, e-mail address, or me.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Only select briefcases on devices that match this pattern with * and ?.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Only select briefcases acquired longer ago than this, such as 30d."),
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", help="Release the briefcases; otherwise they are only listed.")
    ] = False,
    keep_briefcases: Annotated[
        bool, typer.Option("--keep-briefcases", help="Release the locks, but keep the briefcases.")
    ] = False,
    yes: Yes = False,
) -> None:
    """List stale briefcases, such as those of lost devices; --release releases them and their locks.

    At least one of --owner, --device and --older-than is required.
    """
    imodel_id = run.imodel_id(imodel)
    age = None if older_than is None else arguments.duration(older_than)

    def stale(*, dry_run: bool, briefcase_ids: "list[int] | None" = None) -> "list[StaleBriefcase]":
        return run.client.release_stale_locks(
            imodel_id,
            owner=owner,
            device=device,
            older_than=age,
            briefcase_ids=briefcase_ids,
            dry_run=dry_run,
            release_briefcases=not keep_briefcases,
        )

    what = "the locks of " if keep_briefcases else ""
    confirmed: list[int] | None = None

    def question() -> str:
        nonlocal confirmed
        confirmed = [entry.briefcase.briefcase_id for entry in stale(dry_run=True)]
        return f"Release {what}{counted(len(confirmed), 'stale briefcase')}?"

    if release:
        run.confirm(question, yes=yes)
    entries = stale(dry_run=not release, briefcase_ids=confirmed)
    people = {user.id: user for user in run.client.users.list(imodel_id)} if entries else {}
    run.list(entries, views.stale(people))
    failed = sum(entry.error is not None for entry in entries)
    if failed:
        raise OperationFailed(f"{what}{failed} of {counted(len(entries), 'briefcase')} could not be released")


@app.verb("released", example="imodels lock released Bridge --after 7")
def released(
    run: Run,
    imodel: IModelName,
    *,
    after: Annotated[int, typer.Option(help="Only list locks released with changesets after this index.", min=0)],
    limit: Limit = None,
    page_size: PageSize = None,
) -> None:
    """List the objects to reload after a pull: those whose locks were released with changesets after the given one."""
    locks = run.client.locks.list_released(
        run.imodel_id(imodel), after_changeset_index=after, limit=limit, page_size=page_size
    )
    run.list(locks, views.RELEASED)


def by_owner(locks: "Iterable[Lock]", briefcases: "Iterable[Briefcase]", users: "Iterable[User]") -> list[OwnerLocks]:
    """Group locks by the users who hold them; users with the most locks come first."""
    known = {briefcase.briefcase_id: briefcase for briefcase in briefcases}
    people = {user.id: user for user in users}
    held: defaultdict[str | None, list[Lock]] = defaultdict(list)
    for lock in locks:
        briefcase = known.get(lock.briefcase_id)
        held[briefcase.owner_id if briefcase else None].append(lock)
    rows = [
        OwnerLocks(
            owner_id=owner_id,
            display_name=people[owner_id].display_name if owner_id in people else None,
            email=people[owner_id].email if owner_id in people else None,
            briefcase_ids=tuple(lock.briefcase_id for lock in mine),
            devices=_devices(known[lock.briefcase_id] for lock in mine if lock.briefcase_id in known),
            exclusive=sum(len(lock.exclusive) for lock in mine),
            shared=sum(len(lock.shared) for lock in mine),
        )
        for owner_id, mine in held.items()
    ]
    return sorted(rows, key=lambda row: row.exclusive + row.shared, reverse=True)


def _devices(briefcases: "Iterable[Briefcase]") -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.device_name for each in briefcases if each.device_name))
