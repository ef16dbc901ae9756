"""Briefcases."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._aio.resources.locks import AsyncLocks
from itwin_imodels._aio.settling import created_since
from itwin_imodels._core.lost_answers import TimeSpan, is_lost
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._operations import briefcases as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels.errors import ApiError, ConnectionFailed
from itwin_imodels.models import Briefcase, MinimalBriefcase

__all__ = ["AsyncBriefcases"]

_NEWEST = 100


class AsyncBriefcases(AsyncResource):
    """Numbered working copies of an iModel: `client.briefcases`."""

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        owner_id: str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["full"] = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[Briefcase]: ...

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        owner_id: str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["minimal"],
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[MinimalBriefcase]: ...

    def list(
        self,
        imodel_id: str,
        *,
        owner_id: str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[Any]:
        """List the briefcases of an iModel.

        Args:
            imodel_id: The iModel.
            owner_id: Only those of this user; `me` stands for the caller.
            order_by: `acquired_date_time` with `asc` or `desc`.
            detail: `full`, or `minimal` for number and display name alone.
            page_size: Entities of one request, 1 to 1000.
            limit: Entities in total at most.

        Returns:
            A list that is read while it is iterated.

        Raises:
            NotFound: There is no such iModel; raised while iterating, as every error of the service.

        Example:
            ```python
            mine = await client.briefcases.list(imodel_id, owner_id="me").all()
            ```

        Service operation: Get iModel Briefcases.
        """
        build = partial(wire.list_briefcases, imodel_id, owner_id=owner_id, order_by=order_by, detail=detail)
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    async def get(self, imodel_id: str, briefcase_id: int) -> Briefcase:
        """Get a briefcase.

        Args:
            imodel_id: The iModel.
            briefcase_id: Its number, 2 or more.

        Raises:
            NotFound: There is no such iModel or briefcase.

        Example:
            ```python
            briefcase = await client.briefcases.get(imodel_id, 2)
            ```

        Service operation: Get iModel Briefcase Details.
        """
        return await self._session.send(wire.get(imodel_id, briefcase_id))

    async def acquire(self, imodel_id: str, *, device_name: str | None = None) -> Briefcase:
        """Acquire a briefcase: a number under which the caller takes locks and pushes.

        If the answer is lost, the briefcase of this device that the request has acquired is released and another one is
        acquired, so that none remains. Without a device name, or if several match, the error is raised and a note says
        how to find the briefcase.

        Args:
            imodel_id: The iModel.
            device_name: Where it will be worked on, at most 255 characters. Name processes that work in the same iModel
                at the same time differently.

        Returns:
            The briefcase.

        Raises:
            ConnectionFailed: No answer came, and no briefcase was found that could be released.
            NotFound: There is no such iModel.
            NotInitialized: The iModel is still being created.
            RateLimited: Too many were acquired within a minute.
            ValidationFailed: The caller holds as many as allowed (`ResourceQuotaExceeded`).
            ValueError: The device's name is too long.

        Example:
            ```python
            briefcase = await client.briefcases.acquire(imodel_id, device_name="ci-7")
            ```

        Service operation: Acquire iModel Briefcase.
        """
        call = wire.acquire(imodel_id, device_name=device_name)
        for is_last in (False, True):
            began = time.monotonic()
            try:
                return await self._session.send(call)
            except (ApiError, ConnectionFailed) as error:
                released = await self._release_unused(imodel_id, device_name, began) if is_lost(error) else None
                if released is None:
                    raise
                error.add_note(f"Briefcase {released.briefcase_id}, which it had acquired, was released.")
                if is_last:
                    raise
                LOGGER.info("%s: the answer was lost; briefcase %d was released", call.name, released.briefcase_id)
        raise AssertionError("unreachable")

    async def _release_unused(self, imodel_id: str, device_name: str | None, began: float) -> Briefcase | None:
        """Release the briefcase that the caller has acquired for a device since a moment, if it can only be that one.

        It holds no locks, because nobody knows its number. Those of others could be mistaken for it only if they were
        acquired by the same user for the same device at the same time.
        """
        locks = AsyncLocks(self._session)

        async def release(span: TimeSpan) -> Sequence[Briefcase]:
            newest = self.list(imodel_id, owner_id="me", order_by="acquired_date_time desc", limit=_NEWEST)
            found = [
                each
                async for each in newest
                if device_name and each.device_name == device_name and span.contains(each.acquired_date_time)
            ]
            if len(found) != 1:
                return []
            (only,) = found
            if await locks.list(imodel_id, briefcase_id=only.briefcase_id).first() is not None:
                return []
            await self.release(imodel_id, only.briefcase_id)
            return found

        return await created_since(self._session, imodel_id, began, release)

    async def release(self, imodel_id: str, briefcase_id: int) -> None:
        """Give a briefcase back. Its locks go with it, as abandoned; its number is not given out again.

        Args:
            imodel_id: The iModel.
            briefcase_id: Its number, 2 or more.

        Raises:
            Forbidden: It is somebody else's; that needs `imodels_manage`.
            NotFound: There is no such iModel or briefcase.

        Example:
            ```python
            await client.briefcases.release(imodel_id, briefcase.briefcase_id)
            ```

        Service operation: Release iModel Briefcase.
        """
        await self._session.send(wire.release(imodel_id, briefcase_id))
