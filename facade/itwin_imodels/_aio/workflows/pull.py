"""Pulling changesets."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from itertools import chain
from os import PathLike
from typing import Literal

import attrs

from itwin_imodels._aio.resources.all import AsyncParts
from itwin_imodels._core import checks
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import DownloadItem, ProgressCallback
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._workflows import pull as rules
from itwin_imodels._workflows.pull import Account, Chain, Pull, Span, Wanted
from itwin_imodels.models import Changeset, PulledChangeset, StorageLink

__all__ = ["AsyncPulling"]


class AsyncPulling(AsyncParts):
    """The verb of a client that pulls."""

    async def pull_changesets(
        self,
        imodel_id: str,
        directory: str | PathLike[str],
        *,
        after: str | int | None = None,
        until: str | int | None = None,
        verify: Literal["id", "size"] = "id",
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> list[PulledChangeset]:
        """Download the files of changesets, as far as they are not there yet."""
        checks.identifier("imodel_id", imodel_id)
        limit = TimeLimit(timeout, f"pulling the changesets of iModel {imodel_id}")
        verification = rules.checked_verification(verify)
        span = await self._span(imodel_id, after, until)
        folder = await async_blocking(rules.checked_directory, directory)
        pull = Pull(imodel_id=imodel_id, span=span, folder=folder, verify=verification)
        runner, account = AsyncRunner(), Account(progress)
        pulled: list[PulledChangeset] = []
        items = self._items_to_pull(runner, pull, account, pulled)
        with limit.ending(runner.cancellation):
            await runner.run(
                self._session.pool.transfers.download_many,
                chain.from_iterable(runner.iterate(items)),
                progress=account.callback,
            )
        account.end()
        return pulled

    async def _span(self, imodel_id: str, after: str | int | None, until: str | int | None) -> Span:
        """Find the indexes that a range is asked for by; only ids have to be looked up."""
        for place in (after, until):
            if place is not None and place != "":
                checks.changeset(place)
        span = Span()
        if isinstance(after, str) and after:
            begin = await self.changesets.get(imodel_id, after)
            span = Span(after_index=begin.index, parent_id=rules.wanted(begin).id)
        elif after in {0, ""}:
            span = Span(parent_id="")
        elif isinstance(after, int):
            span = Span(after_index=after)
        if isinstance(until, str):
            until = (await self.changesets.get(imodel_id, until)).index if until else 0
        return attrs.evolve(span, last_index=until).checked()

    async def _items_to_pull(
        self, runner: AsyncRunner, pull: Pull, account: Account, pulled: list[PulledChangeset]
    ) -> AsyncGenerator[list[DownloadItem]]:
        """Give the files of a range in their order, page by page, and write down what they will be."""
        span = pull.span
        timeline = Chain(span.parent_id)
        obtained = time.monotonic()
        pages = self.changesets.list(pull.imodel_id, after_index=span.after_index, last_index=span.last_index)
        async with aclosing(pages.pages()) as source:
            async for page in source:
                here = time.monotonic()
                changesets = [each for each in page.items if rules.is_in_timeline(each)]
                files = [rules.wanted(each) for each in changesets]
                account.await_bytes(sum(file.size for file in files))
                if not page.has_next:
                    account.complete()
                items = []
                for changeset, file in zip(changesets, files, strict=True):
                    timeline.add(file)
                    item = self._item_to_pull(runner, pull, changeset, file)
                    items.append(attrs.evolve(item, obtained=obtained))
                    pulled.append(PulledChangeset(changeset=attrs.evolve(changeset, download=None), path=item.target))
                yield items
                obtained = here  # the next page was asked for as soon as this one was there

    def _item_to_pull(self, runner: AsyncRunner, pull: Pull, changeset: Changeset, file: Wanted) -> DownloadItem:
        link = changeset.download
        fresh = partial(file.link, changeset) if link is None else self._asking_for_link(runner, file)
        return rules.item(file, pull.folder, pull.verify, link=link, fresh_link=fresh)

    def _asking_for_link(self, runner: AsyncRunner, file: Wanted) -> Callable[[], StorageLink]:
        """Make a function that asks for the link to a file; the transfer calls it."""

        async def link() -> StorageLink:
            return file.link(await self.changesets.get(file.imodel_id, file.id))

        return runner.call(link)
