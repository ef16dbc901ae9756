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
    """Briefcases, the numbered working copies of an iModel: `client.briefcases`."""

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
            imodel_id: Id of the iModel.
            owner_id: Id of the user whose briefcases to list; `me` is the caller. By default, all users.
            order_by: `acquired_date_time`, optionally with `asc` or `desc`.
            detail: `full`, or `minimal` for number and display name only.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.

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
            imodel_id: Id of the iModel.
            briefcase_id: Number of the briefcase, at least 2.

        Raises:
            NotFound: The iModel or the briefcase does not exist.

        Example:
            ```python
            briefcase = await client.briefcases.get(imodel_id, 2)
            ```

        Service operation: Get iModel Briefcase Details.
        """
        return await self._session.send(wire.get(imodel_id, briefcase_id))

    async def acquire(self, imodel_id: str, *, device_name: str | None = None) -> Briefcase:
        """Acquire a briefcase, which is required to lock objects and to push changesets.

        If the response is lost, the briefcase that the request acquired for this device is released, and another one is
        acquired, so that no unused briefcase remains. Without a device name, or if several briefcases match, the call
        fails, and a note on the error explains how to find the briefcase.

        Args:
            imodel_id: Id of the iModel.
            device_name: Name of the device that will use it, at most 255 characters. Use different names for processes
                that work in the same iModel at the same time.

        Returns:
            The briefcase.

        Raises:
            ConnectionFailed: No response was received, and either no briefcase to release was found, or no response to
                another attempt was received.
            Forbidden: The caller lacks `imodels_read`.
            NotFound: The iModel does not exist.
            NotInitialized: The iModel is still being created.
            RateLimited: Too many briefcases were acquired within a minute.
            ValidationFailed: The caller already holds the maximum number of briefcases (`ResourceQuotaExceeded`).
            ValueError: The device name is too long.

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
                error.add_note(f"Briefcase {released.briefcase_id}, which the request had acquired, was released.")
                if is_last:
                    raise
                LOGGER.info("%s: the response was lost; briefcase %d was released", call.name, released.briefcase_id)
        raise AssertionError("unreachable")

    async def _release_unused(self, imodel_id: str, device_name: str | None, began: float) -> Briefcase | None:
        """Release the briefcase that a lost request acquired, if exactly one briefcase matches.

        A match was acquired by the caller for this device since `began`. It holds no locks, because its number is not
        known to anyone yet. Another briefcase can match only if the same user acquired it for the same device at the
        same time.
        """
        locks = AsyncLocks(self._session)

        async def release(span: TimeSpan) -> Sequence[Briefcase]:
            newest = self.list(imodel_id, owner_id="me", order_by="acquired_date_time desc", limit=_NEWEST)
            candidates = [
                each
                async for each in newest
                if device_name and each.device_name == device_name and span.contains(each.acquired_date_time)
            ]
            if len(candidates) != 1:
                return []
            (only,) = candidates
            if await locks.list(imodel_id, briefcase_id=only.briefcase_id).first() is not None:
                return []
            await self.release(imodel_id, only.briefcase_id)
            return candidates

        return await created_since(self._session, imodel_id, began, release)

    async def release(self, imodel_id: str, briefcase_id: int) -> None:
        """Release a briefcase and abandon its locks. Its number is not used again.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Number of the briefcase, at least 2.

        Raises:
            Forbidden: The briefcase belongs to another user, and the caller lacks `imodels_manage`.
            NotFound: The iModel or the briefcase does not exist.

        Example:
            ```python
            await client.briefcases.release(imodel_id, briefcase.briefcase_id)
            ```

        Service operation: Release iModel Briefcase.
        """
        await self._session.send(wire.release(imodel_id, briefcase_id))
