"""The download of one block-based database."""

from contextlib import closing
from pathlib import Path

from attrs import evolve

from imodel_files.cloud_sqlite import LARGEST_MANIFEST, MANIFEST_NAME
from itwin_imodels._core.disk import disk_errors
from itwin_imodels._transfer.attempts import Attempts
from itwin_imodels._transfer.block_download import BlockDownload, BlockGone, Tally
from itwin_imodels._transfer.block_file import BlockFile, load_notes, open_block_file, save_notes
from itwin_imodels._transfer.block_notes import BlockNotes
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.crew import Crew
from itwin_imodels._transfer.failures import errors_about
from itwin_imodels._transfer.fetching import Fetch
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.hashing import md5_text
from itwin_imodels._transfer.items import Assembled, BlocksItem
from itwin_imodels._transfer.layouts import BlockJob, Layout, jobs_of, layout_of
from itwin_imodels._transfer.storage import Container
from itwin_imodels._transfer.wire import read_beginning
from itwin_imodels.errors import IntegrityError

_HEAD = 100
"""Number of bytes at the start of a database that contain its size."""
_LAYOUTS = 5
"""Maximum number of attempts; each change to the list of blocks starts another one."""
_WINDOW = 256
"""Maximum number of blocks that are queued, in progress, or done but waiting for an earlier one."""


def assemble_one(item: BlocksItem, context: Context) -> Assembled:
    """Download a block-based database, or keep the existing one.

    Raises:
        Cancelled: The operation was cancelled.
        ConnectionFailed: The storage could not be reached for too long.
        IntegrityError: The blocks in the storage are not the expected ones.
        LinkExpired: The storage rejected the credentials, and either no new ones could be obtained or they were
            rejected, too.
        TransferError: The storage rejected a request, or a file could not be read or written.
    """
    with errors_about(f"download of {item.target.name}"):
        return _Assembly(item, context).run()


class _Assembly(Fetch[BlockFile, Assembled]):
    def __init__(self, item: BlocksItem, context: Context) -> None:
        super().__init__(context, item.target, item.is_right, open_block_file)
        self._item = item
        self._containers = Links(
            item.container, item.fresh_container, obtained=item.obtained, lifetime=Container.lifetime
        )
        self._tally = Tally()

    def _fill(self, part: BlockFile) -> Assembled:
        layout, size = self._download_newest(part)
        self._verify(part, size)
        return Assembled(
            target=self._target,
            size=size,
            received=self._tally.received,
            blocks=len(layout.ids),
            fetched=self._tally.fetched,
            reused=self._tally.reused,
            block_size=layout.block_size,
        )

    def _found(self, size: int) -> Assembled:
        return Assembled(target=self._target, size=size)

    def _publish(self, part: BlockFile, result: Assembled) -> None:
        super()._publish(part, result)
        if self._item.list_file is not None:
            blocks = {place: part.noted[place] for place in range(result.blocks)}
            save_notes(self._item.list_file, BlockNotes(block_size=result.block_size, blocks=blocks))

    # The list of blocks.

    def _download_newest(self, part: BlockFile) -> tuple[Layout, int]:
        """Download all blocks, restarting if their list changes; return the list and the size of the database."""
        layout = self._layout()
        for _ in range(_LAYOUTS):
            try:
                return layout, self._download(part, layout)
            except BlockGone as gone:
                self._containers.replace_rejected(self._containers.current())
                newer = self._layout()
                if gone.place < len(newer.ids) and newer.ids[gone.place] == gone.block_id:
                    raise IntegrityError(
                        f"{layout.title(gone.place)} is missing from the storage (404), but the manifest lists it: "
                        "the checkpoint is damaged"
                    ) from None
                layout = newer
        raise IntegrityError("the list of blocks in the storage keeps changing")

    def _layout(self) -> Layout:
        """Read the manifest."""
        attempts = Attempts(self._context, self._containers, MANIFEST_NAME)

        def read() -> Layout:
            container = attempts.link()
            with self._context.success(container.storage, container.request("GET", MANIFEST_NAME)) as response:
                attempts.accepted()
                content = read_beginning(response, LARGEST_MANIFEST + 1, in_time=False)
                md5 = container.storage.content_md5(response.header)
            if md5 is not None and md5 != md5_text(content):
                raise IntegrityError(f"{MANIFEST_NAME} does not have the MD5 that the storage reports")
            return layout_of(content, container.database)

        return attempts.keep_trying(read)

    # The content of the blocks.

    def _download(self, part: BlockFile, layout: Layout) -> int:
        """Download the blocks of a list, and return the size of the database."""
        item = self._item
        part.begin(layout.block_size, len(layout.ids), item.old, self._context.cancellation.check)
        with self._context.cancellation.child() as own:
            download = BlockDownload(
                context=evolve(self._context, cancellation=own),
                containers=self._containers,
                layout=layout,
                file=part,
                old=self._old_notes(layout),
                old_size=_size_of(item.old),
                tally=self._tally,
            )
            try:
                self._download_all(download)
            except BlockGone:
                download.rewind()
                raise
        return download.size

    def _download_all(self, download: BlockDownload) -> None:
        layout = download.layout
        first, *others = jobs_of(layout.ids)
        beginning = bytearray(_HEAD)
        download.fetch_block(BlockJob(first.block_id, first.places[:1]))  # only this block contains the size
        download.file.read(0, memoryview(beginning))
        try:
            size = layout.size(bytes(beginning))
        except IntegrityError:
            download.file.forget()
            raise
        self._context.progress.learn(size)
        download.learn(size)
        if first.places[1:]:
            others.insert(0, BlockJob(first.block_id, first.places[1:]))
        crew = Crew[BlockJob, None](
            download.fetch_block,
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

    # The complete file.

    def _verify(self, part: BlockFile, size: int) -> None:
        part.end(size)
        try:
            with disk_errors(part.path, "read"):
                is_right = self._item.check is None or self._item.check(part.path)
        except IntegrityError:
            part.forget()
            raise
        if not is_right:
            part.forget()
            raise IntegrityError("the content does not match the requested file")


def _size_of(old: Path | None) -> int:
    if old is None:
        return 0
    with disk_errors(old, "read"):
        return old.stat().st_size
