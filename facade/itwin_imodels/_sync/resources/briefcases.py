# Made from facade/itwin_imodels/_aio/resources/briefcases.py by 'make unasync'. Change that file, not this one.
"""Briefcases."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._operations import briefcases as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels.models import Briefcase, MinimalBriefcase

__all__ = ["Briefcases"]


class Briefcases(Resource):
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
    ) -> Pager[Briefcase]: ...

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
    ) -> Pager[MinimalBriefcase]: ...

    def list(
        self,
        imodel_id: str,
        *,
        owner_id: str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[Any]:
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
            mine = client.briefcases.list(imodel_id, owner_id="me").all()
            ```

        Service operation: Get iModel Briefcases.
        """
        build = partial(wire.list_briefcases, imodel_id, owner_id=owner_id, order_by=order_by, detail=detail)
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    def get(self, imodel_id: str, briefcase_id: int) -> Briefcase:
        """Get a briefcase.

        Args:
            imodel_id: The iModel.
            briefcase_id: Its number, 2 or more.

        Raises:
            NotFound: There is no such iModel or briefcase.

        Example:
            ```python
            briefcase = client.briefcases.get(imodel_id, 2)
            ```

        Service operation: Get iModel Briefcase Details.
        """
        return self._session.send(wire.get(imodel_id, briefcase_id))

    def acquire(self, imodel_id: str, *, device_name: str | None = None) -> Briefcase:
        """Acquire a briefcase: a number under which the caller takes locks and pushes.

        Args:
            imodel_id: The iModel.
            device_name: Where it will be worked on, at most 255 characters.

        Returns:
            The briefcase.

        Raises:
            NotFound: There is no such iModel.
            NotInitialized: The iModel is still being created.
            RateLimited: Too many were acquired within a minute.
            ValidationFailed: The caller holds as many as allowed (`ResourceQuotaExceeded`).
            ValueError: The device's name is too long.

        Example:
            ```python
            briefcase = client.briefcases.acquire(imodel_id, device_name="ci-7")
            ```

        Service operation: Acquire iModel Briefcase.
        """
        return self._session.send(wire.acquire(imodel_id, device_name=device_name))

    def release(self, imodel_id: str, briefcase_id: int) -> None:
        """Give a briefcase back. Its locks go with it, as abandoned; its number is not given out again.

        Args:
            imodel_id: The iModel.
            briefcase_id: Its number, 2 or more.

        Raises:
            Forbidden: It is somebody else's; that needs `imodels_manage`.
            NotFound: There is no such iModel or briefcase.

        Example:
            ```python
            client.briefcases.release(imodel_id, briefcase.briefcase_id)
            ```

        Service operation: Release iModel Briefcase.
        """
        self._session.send(wire.release(imodel_id, briefcase_id))
