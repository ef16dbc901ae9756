"""The upload of a large file to Azure, in blocks."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping

from attrs import define, frozen

from itwin_imodels._transfer import blocks
from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.crew import Crew
from itwin_imodels._transfer.headers import AZURE_VERSION
from itwin_imodels._transfer.log import LOGGER
from itwin_imodels._transfer.progress import FileProgress
from itwin_imodels._transfer.refusals import Refused
from itwin_imodels._transfer.sending import Place, Sending
from itwin_imodels._transfer.source import Source
from itwin_imodels._transfer.wire import read_some

_LONGEST_LIST = 16 << 20
_CREATED = (201,)


@frozen
class _Block:
    number: int
    content: bytes


_BEGINNINGS = 3
"""How often the blocks are sent at most."""


@define
class BlockUpload:
    """A file in blocks. Those that an earlier try has left in the storage are not sent again."""

    source: Source
    place: Place
    progress: FileProgress

    def send(self) -> None:
        """Send the blocks that are not there, then make the file of all.

        Whoever else uploads to the same place and ends first takes the blocks away; then they are sent again.
        """
        present = self._present()
        for left in reversed(range(_BEGINNINGS)):
            try:
                self._send_all(present)
            except Refused as error:
                if not left or error.code != "InvalidBlockList":
                    raise
                LOGGER.info("%s: blocks that were sent are gone, all are sent", self.place.what)
                self.progress.at(0)
                present = {}
            else:
                return

    def _present(self) -> Mapping[str, int]:
        """Ask which blocks are there. A link that only writes cannot be asked; then all are sent."""
        sending = Sending(self.place)

        def ask() -> str:
            suffix = "&comp=blocklist&blocklisttype=uncommitted"
            try:
                with sending.request("GET", suffix, AZURE_VERSION, None, (200,)) as answer:
                    return read_some(answer, _LONGEST_LIST).decode()
            except Refused as error:
                if error.passing:
                    raise
                return ""

        return blocks.uncommitted(sending.keep_trying(ask))

    def _send_all(self, present: Mapping[str, int]) -> None:
        options = self.place.context.options
        workers = Adaptive(options.block_parallelism)
        whole = hashlib.md5(usedforsecurity=False)

        def content() -> Iterator[_Block]:
            size = blocks.block_size(self.source.size, options.block_size)
            for number, piece in enumerate(self.source.pieces(size)):
                whole.update(piece)
                yield _Block(number, piece)

        crew = Crew[_Block, str](
            lambda block: self._send_block(block, present, workers),
            rank=lambda block: block.number,
            window=options.block_parallelism + 1,
            workers=workers,
            cancellation=self.place.context.cancellation,
        )
        block_ids = list(crew.run(content()))
        md5 = b64encode(whole.digest()).decode()
        self._commit(blocks.block_list(block_ids), md5)

    def _send_block(self, block: _Block, present: Mapping[str, int], workers: Adaptive) -> str:
        md5 = hashlib.md5(block.content, usedforsecurity=False)
        block_id = blocks.block_id(block.number, md5.hexdigest())
        if present.get(block_id) != len(block.content):
            headers = {**AZURE_VERSION, "content-md5": b64encode(md5.digest()).decode()}
            self._put(blocks.block_query(block_id), headers, block.content, workers)
        self.progress.add(len(block.content))
        return block_id

    def _commit(self, block_list: bytes, md5: str) -> None:
        headers = {
            **AZURE_VERSION,
            "content-type": "application/xml",
            "x-ms-blob-content-type": "application/octet-stream",
            "x-ms-blob-content-md5": md5,
        }
        self._put("&comp=blocklist", headers, block_list, Adaptive(1))

    def _put(self, suffix: str, headers: Mapping[str, str], content: bytes, workers: Adaptive) -> None:
        era = workers.era

        def busy() -> None:
            nonlocal era
            workers.busy(era)
            era = workers.era

        sending = Sending(self.place, busy)

        def put() -> None:
            with sending.request("PUT", suffix, headers, content, _CREATED):
                pass

        sending.keep_trying(put)
        workers.succeeded()
