"""The upload of a large file in blocks."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, nullcontext

from attrs import define, field, frozen

from itwin_imodels._transfer.adaptive import START, Adaptive
from itwin_imodels._transfer.crew import Crew
from itwin_imodels._transfer.hashing import FollowingMd5
from itwin_imodels._transfer.log import LOGGER
from itwin_imodels._transfer.progress import FileProgress
from itwin_imodels._transfer.refusals import Refused
from itwin_imodels._transfer.sending import Destination, Sending
from itwin_imodels._transfer.storage.base import BlockUploads
from itwin_imodels._transfer.upload_source import UploadSource
from itwin_imodels._transfer.wire import StorageRequest, read_beginning

_LONGEST_LIST = 16 << 20
"""Maximum size of the list of blocks in bytes."""
_ROUNDS = 3
"""Maximum number of times that all blocks are sent."""


@frozen
class _Block:
    number: int
    offset: int
    content: bytes


@define
class BlockUpload:
    """The upload of a file in blocks. Blocks from an earlier attempt that are still in the storage are not sent again.

    A file whose digests were not recorded before the upload, such as a baseline, is stored with its MD5, so that
    clients can verify it when they download it. The content of a changeset is verified by the changeset id instead.

    Attributes:
        wanted_size: Size of a block in bytes; increased if the file would have more than 50,000 blocks.
    """

    source: UploadSource
    destination: Destination
    blocks: BlockUploads
    progress: FileProgress
    wanted_size: int
    _present: Mapping[str, int] = field(init=False)
    _workers: Adaptive = field(init=False)

    def send(self) -> None:
        """Send the missing blocks, then create the file from all blocks.

        If another upload to the same place completes first, the storage deletes the blocks; they are then sent again.
        """
        self._present = self._list_present()
        for left in reversed(range(_ROUNDS)):
            try:
                self._send_all()
            except Refused as error:
                if not left or not self.blocks.is_lost(error.code):
                    raise
                LOGGER.info("%s: the storage deleted blocks; sending all blocks again", self.destination.what)
                self.progress.at(0)
                self._present = {}
            else:
                return

    def _list_present(self) -> Mapping[str, int]:
        """Return the blocks that have arrived, or none if the link permits only writing, so that all are sent."""
        sending = Sending(self.destination)

        def ask() -> bytes:
            try:
                with sending.request(self.blocks.list_blocks) as response:
                    return read_beginning(response, _LONGEST_LIST)
            except Refused as error:
                if error.transient:
                    raise
                return b""

        return self.blocks.read_list(sending.keep_trying(ask))

    def _send_all(self) -> None:
        context = self.destination.context
        self._workers = Adaptive(context.options.block_parallelism, START)
        md5 = None if self.source.is_announced else FollowingMd5(self.source.size)

        def content() -> Iterator[_Block]:
            size = self.blocks.block_size(self.source.size, self.wanted_size)
            for number, piece in enumerate(self.source.pieces(size)):
                if md5 is not None:
                    md5.update(piece)
                yield _Block(number, number * size, piece)

        crew = Crew[_Block, str](
            self._send_block,
            rank=lambda block: block.number,
            window=None,
            workers=self._workers,
            cancellation=context.cancellation,
        )
        with nullcontext() if md5 is None else closing(md5):
            block_ids = list(crew.run(content()))
        text = None if md5 is None else md5.text()
        self._put(lambda url: self.blocks.commit(url, block_ids, text))

    def _send_block(self, block: _Block) -> str:
        digests = self.source.digests(block.offset, block.content)
        digest = hashlib.sha256(b"".join(digests), usedforsecurity=False)
        block_id = self.blocks.block_id(block.number, digest.digest())
        if self._present.get(block_id) != len(block.content):
            self._put(lambda url: self.blocks.put_block(url, block_id, block.content))
            self._workers.succeeded(len(block.content))
        self.progress.add(len(block.content))
        return block_id

    def _put(self, to: Callable[[str], StorageRequest]) -> None:
        sending = Sending(self.destination, self._workers)

        def put() -> None:
            with sending.request(to):
                pass

        sending.keep_trying(put)
