# Made from facade/itwin_imodels/_aio/workflows/mirror.py by 'make unasync'. Change that file, not this one.
"""Keeping a local copy of a timeline."""

import time
from collections.abc import Generator
from contextlib import closing
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Literal

from itwin_imodels._core import checks
from itwin_imodels._core.background import blocking
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._core.waiting import sleep
from itwin_imodels._mirror.database import MirrorDatabase, opened_to_write
from itwin_imodels._mirror.lock import MirrorLock
from itwin_imodels._sync.workflows.pull import Pulling
from itwin_imodels._transfer import DownloadItem, ProgressCallback
from itwin_imodels._transfer.runners import Runner
from itwin_imodels._workflows import mirror as rules
from itwin_imodels._workflows import pull as files_of
from itwin_imodels._workflows.mirror import Checking, Ledger, News, Work
from itwin_imodels._workflows.pull import Account
from itwin_imodels.errors import WaitTimeout
from itwin_imodels.models import Changeset, MirrorResult, StorageLink

__all__ = ["Mirroring"]

_PAGES_AT_ONCE = 8
_LOCK_POLL = 0.2


class Mirroring(Pulling):
    """The verb of a client that mirrors."""

    def mirror_timeline(
        self,
        imodel_id: str,
        directory: str | PathLike[str],
        *,
        files: bool = True,
        verify: Literal["id", "size"] = "id",
        check: Literal["none", "size", "id"] = "size",
        lock_timeout: float = 60.0,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> MirrorResult:
        """Keep a local copy of an iModel's whole history: make it, or bring it up to date."""
        checks.identifier("imodel_id", imodel_id)
        limit = TimeLimit(timeout, f"mirroring the timeline of iModel {imodel_id}")
        verification, checking = files_of.checked_verification(verify), rules.checked_checking(check)
        patience = checks.seconds("lock_timeout", lock_timeout)
        folder = blocking(files_of.checked_directory, directory)
        with blocking(MirrorLock, folder) as lock:
            self._wait_for(lock, folder, patience, limit)
            newest = self.changesets.latest(imodel_id)  # first of all: it tells a wrong id
            with blocking(opened_to_write, folder, imodel_id) as database:
                added = self._add_news(newest, folder, database, limit)
                account = Account(progress, blocking(database.total_size))
                ledger = Ledger(database, verification, account)
                if files:
                    self._mirror_files(imodel_id, folder, ledger, checking, limit)
                return MirrorResult(
                    imodel_id=imodel_id,
                    directory=folder,
                    database=database.path,
                    changesets=blocking(database.count),
                    new_changesets=added,
                    downloaded_files=ledger.downloaded,
                    repaired_files=ledger.repaired,
                    downloaded_bytes=ledger.received,
                )

    def _wait_for(self, lock: MirrorLock, folder: Path, patience: float, limit: TimeLimit) -> None:
        deadline = time.monotonic() + patience
        told = False
        while not blocking(lock.acquire):
            holder = blocking(lock.holder)
            limit.check()
            if time.monotonic() >= deadline:
                raise WaitTimeout(
                    f"{folder} is being mirrored by {holder}; it was not finished within {patience:g} s. Try again "
                    "later, or wait longer with lock_timeout."
                )
            if not told:
                LOGGER.info("%s is being mirrored by %s; waiting", folder, holder)
                told = True
            sleep(_LOCK_POLL)

    def _add_news(self, newest: Changeset | None, folder: Path, database: MirrorDatabase, limit: TimeLimit) -> int:
        """Write down the changesets that are not in the mirror yet, and give how many these are."""
        tip = blocking(database.tip)
        if rules.is_known_tip(tip, newest):
            return 0
        news = News(database.imodel_id, folder, tip)
        if newest is not None:
            pages = self.changesets.list(
                database.imodel_id,
                after_index=news.after_index,
                last_index=newest.index,
                concurrency=_PAGES_AT_ONCE if rules.is_long(tip, newest) else 1,
            )
            with closing(pages.pages()) as source:
                for page in source:
                    blocking(database.add, news.rows(page.items))
                    limit.check()
        news.end()
        return news.count

    def _mirror_files(self, imodel_id: str, folder: Path, ledger: Ledger, check: Checking, limit: TimeLimit) -> None:
        runner = Runner()
        items = self._items_to_mirror(runner, imodel_id, folder, ledger, check)
        try:
            with limit.ending(runner.cancellation):
                runner.run(
                    self._session.pool.transfers.download_many,
                    chain.from_iterable(runner.iterate(items)),
                    done=ledger.enter,
                    progress=ledger.account.callback,
                )
        finally:
            blocking(ledger.write)
        ledger.account.end()

    def _items_to_mirror(
        self, runner: Runner, imodel_id: str, folder: Path, ledger: Ledger, check: Checking
    ) -> Generator[list[DownloadItem]]:
        """Give the files that have to be verified or fetched, in the order of the timeline, some at a time."""
        after_index = 0
        unsure_of = ledger.verify if check == "none" else None
        ledger.account.found_bytes(blocking(ledger.database.sure_size, unsure_of))
        while known := blocking(ledger.database.files, after_index, rules.WINDOW, unsure_of):
            runner.cancellation.check()
            after_index = known[-1].wanted.index
            work = blocking(rules.work_on, known, folder, ledger.verify, check)
            ledger.account.found_bytes(work.right)
            links = self._links(imodel_id, work)
            items = []
            for file in work.files:
                ledger.account.await_bytes(file.wanted.size)
                ledger.expect(file)
                fresh = self._asking_for_link(runner, file.wanted)
                link = links.get(file.wanted.id)
                items.append(files_of.item(file.wanted, folder, ledger.verify, link=link, fresh_link=fresh))
            yield items

    def _links(self, imodel_id: str, work: Work) -> dict[str, StorageLink]:
        """Get the links to the files that are not there, as far as one request gives them."""
        if work.span is None:
            return {}
        after_index, last_index = work.span
        pages = self.changesets.list(imodel_id, after_index=after_index, last_index=last_index)
        return {
            each.id.lower(): each.download
            for each in pages
            if each.download is not None and each.id.lower() in work.absent
        }
