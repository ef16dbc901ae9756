"""The download of one database that is kept in blocks."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from attrs import evolve, field, frozen

from imodel_files.cloud_sqlite import LARGEST_MANIFEST, MANIFEST_NAME
from itwin_imodels._transfer.asking import Asking
from itwin_imodels._transfer.block_download import BlockDownload, BlockGone, Tally
from itwin_imodels._transfer.block_file import BlockFile, load_notes, opened_in_blocks, save_notes
from itwin_imodels._transfer.block_notes import BlockNotes
from itwin_imodels._transfer.containers import Container
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.crew import Crew
from itwin_imodels._transfer.disk import told_of_disk
from itwin_imodels._transfer.failures import told_about
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.hashing import md5_text
from itwin_imodels._transfer.headers import told_md5
from itwin_imodels._transfer.layouts import Job, Layout, jobs_of, layout_of
from itwin_imodels._transfer.present import Check, Present
from itwin_imodels._transfer.wire import read_some
from itwin_imodels.errors import IntegrityError

_HEAD = 100
"""Bytes of a database that tell its size."""
_LAYOUTS = 5
"""How often the blocks may become others while they are fetched."""
_WINDOW = 256


@frozen(kw_only=True)
class BlocksItem:
    """A database to download in blocks.

    Attributes:
        target: Its final name; folders are made.
        container: Where its blocks are; None asks `fresh_container` first.
        fresh_container: Gets another access when this one ends or is refused.
        check: Tells whether the whole file is the right one, before it gets its name.
        is_right: Tells whether the file that has the name already may stay; without it that is replaced.
        old: An older database, of which what is the same is used; it is left as it is. It may be the target.
        old_list: The file with the list of its blocks, if there is one.
        list_file: Where the list of the blocks is written, if it shall be kept.
        obtained: When the access was got, by `time.monotonic`.
    """

    target: Path
    container: Container | None
    fresh_container: Callable[[], Container] | None = None
    check: Check | None = None
    is_right: Check | None = None
    old: Path | None = None
    old_list: Path | None = None
    list_file: Path | None = None
    obtained: float = field(factory=time.monotonic)


@frozen(kw_only=True)
class Assembled:
    """A database that is there now.

    Attributes:
        target: Its name.
        size: Its length, bytes.
        received: Bytes that were received for it now; 0 when it was there before.
        blocks: How many blocks it has; 0 when it was there before.
        fetched: Blocks that were fetched now. One that occurs more than once is fetched once.
        reused: Blocks that were there before: of an older database, or of an interrupted download.
        block_size: Bytes of a block; 0 when it was there before.
    """

    target: Path
    size: int
    received: int = 0
    blocks: int = 0
    fetched: int = 0
    reused: int = 0
    block_size: int = 0


def assemble_one(item: BlocksItem, context: Context) -> Assembled:
    """Download a database in blocks, or find that it is there.

    Raises:
        Cancelled: The operation was ended.
        ConnectionFailed: The storage could not be reached for too long.
        IntegrityError: What the storage has is not what it should be.
        LinkExpired: The storage refused the access, and a new one if there is a way to get one.
        TransferError: The storage refused, or the disk failed.
    """
    with told_about(f"download of {item.target.name}"):
        return _Assembly(item, context).run()


class _Assembly:
    def __init__(self, item: BlocksItem, context: Context) -> None:
        self._item = item
        self._context = context
        self._containers = Links(
            item.container, item.fresh_container, obtained=item.obtained, lifetime=Container.lifetime
        )
        self._tally = Tally()

    def run(self) -> Assembled:
        present = Present(self._item.target, self._item.is_right)
        size = present.look()
        if size is not None:
            return self._there(size)
        with opened_in_blocks(self._item.target, self._context.sleep, self._context.options.deadline) as file:
            size = present.look()  # somebody else may have just finished it
            if size is not None:
                file.drop()
                return self._there(size)
            try:
                layout, size = self._fill(file)
                self._verify(file, size)
            except BaseException:
                if not file.noted:  # nothing to go on with
                    file.drop()
                raise
            file.publish()
            self._keep_list(file, layout)
            return Assembled(
                target=self._item.target,
                size=size,
                received=self._tally.received,
                blocks=len(layout.ids),
                fetched=self._tally.fetched,
                reused=self._tally.reused,
                block_size=layout.block_size,
            )

    def _there(self, size: int) -> Assembled:
        self._context.progress.learn(size)
        self._context.progress.file().at(size)
        return Assembled(target=self._item.target, size=size)

    # Which blocks.

    def _fill(self, file: BlockFile) -> tuple[Layout, int]:
        """Bring all blocks into the file, by another list where that has changed, and give list and size."""
        layout = self._layout()
        for _ in range(_LAYOUTS):
            try:
                return layout, self._fill_with(file, layout)
            except BlockGone as gone:
                self._containers.refused(self._containers.current())
                newer = self._layout()
                if gone.place < len(newer.ids) and newer.ids[gone.place] == gone.block_id:
                    raise IntegrityError(
                        f"{layout.told(gone.place)} is missing in the storage (404), although the manifest lists it: "
                        "the checkpoint is damaged"
                    ) from None
                layout = newer
        raise IntegrityError("the blocks in the storage become others again and again")

    def _layout(self) -> Layout:
        """Read the manifest anew."""
        asking = Asking(self._context, self._containers, MANIFEST_NAME)

        def read() -> Layout:
            container = asking.container()
            with self._context.success(container.call("GET", MANIFEST_NAME), 200) as answer:
                asking.worked()
                content = read_some(answer, LARGEST_MANIFEST + 1)
                told = told_md5(answer.header)
            if told is not None and told != md5_text(content):
                raise IntegrityError(f"{MANIFEST_NAME} does not have the MD5 that the storage tells")
            return layout_of(content, container.database)

        return asking.keep_trying(read)

    # What is in them.

    def _fill_with(self, file: BlockFile, layout: Layout) -> int:
        """Bring the blocks of one list into the file, and give the size of the database."""
        item = self._item
        file.begin(layout.block_size, len(layout.ids), item.old, self._context.cancellation.check)
        with self._context.cancellation.child() as own:
            download = BlockDownload(
                context=evolve(self._context, cancellation=own),
                containers=self._containers,
                layout=layout,
                file=file,
                old=self._old_notes(layout),
                old_size=_size_of(item.old),
                tally=self._tally,
            )
            try:
                self._bring_all(download, file)
            except BlockGone:
                download.rewind()
                raise
        return download.size

    def _bring_all(self, download: BlockDownload, file: BlockFile) -> None:
        layout = download.layout
        first, *others = jobs_of(layout.ids)
        beginning = bytearray(_HEAD)
        download.bring(Job(first.block_id, first.places[:1]))  # it tells the size, which nothing else does
        file.read(0, memoryview(beginning))
        size = layout.size(bytes(beginning))
        self._context.progress.learn(size)
        download.learn(size)
        if first.places[1:]:
            others.insert(0, Job(first.block_id, first.places[1:]))
        crew = Crew[Job, None](
            download.bring,
            rank=lambda job: job.places[0],
            window=_WINDOW,
            workers=download.workers,
            cancellation=download.context.cancellation,
        )
        with closing(crew.run(others)) as done:
            for _ in done:
                pass

    def _old_notes(self, layout: Layout) -> BlockNotes | None:
        if self._item.old_list is None:
            return None
        notes = load_notes(self._item.old_list)
        return notes if notes is not None and notes.block_size == layout.block_size else None

    # The whole.

    def _verify(self, file: BlockFile, size: int) -> None:
        file.end(size)
        try:
            is_right = self._item.check is None or self._item.check(file.path)
        except IntegrityError:
            file.forget()
            raise
        if not is_right:
            file.forget()
            raise IntegrityError("the content is not that of the file that was asked for")

    def _keep_list(self, file: BlockFile, layout: Layout) -> None:
        if self._item.list_file is not None:
            blocks = {place: file.noted[place] for place in range(len(layout.ids))}
            save_notes(self._item.list_file, BlockNotes(block_size=layout.block_size, blocks=blocks))


def _size_of(old: Path | None) -> int:
    if old is None:
        return 0
    with told_of_disk(old, "read"):
        return old.stat().st_size
