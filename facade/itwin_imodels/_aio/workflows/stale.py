"""Stale briefcases and their locks."""

from collections.abc import Sequence

import attrs

from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
from itwin_imodels._aio.resources.locks import AsyncLocks
from itwin_imodels._aio.resources.users import AsyncUsers
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.lock import AsyncLockSet
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._operations import imodels as wire
from itwin_imodels._workflows import stale as rules
from itwin_imodels._workflows.stale import StaleCriteria
from itwin_imodels.errors import NameNotFound
from itwin_imodels.models import StaleBriefcase

__all__ = ["AsyncStaleBriefcases"]


class AsyncStaleBriefcases:
    """The stale briefcases of an iModel, such as those of lost devices."""

    def __init__(self, session: AsyncSession, imodel_id: str) -> None:
        """Select the iModel."""
        self._session = session
        self._imodel_id = imodel_id
        self._briefcases = AsyncBriefcases(session)
        self._users = AsyncUsers(session)

    async def find(self, criteria: StaleCriteria) -> list[StaleBriefcase]:
        """Return the briefcases that match the criteria, with their locks."""
        listed = self._briefcases.list(self._imodel_id, owner_id=await self._owner_id(criteria.owner))
        date = None if criteria.older_than is None else await self._session.send(wire.get_date(self._imodel_id))
        now = rules.earlier_now(date)
        briefcases = [briefcase async for briefcase in listed if criteria.match(briefcase, now)]
        if not briefcases:
            return []
        locks = await AsyncLocks(self._session).list(self._imodel_id).all()
        held = {lock.briefcase_id: lock for lock in locks}
        return [StaleBriefcase(briefcase=each, lock=held.get(each.briefcase_id)) for each in briefcases]

    async def free(self, stale: Sequence[StaleBriefcase], *, release_briefcases: bool) -> list[StaleBriefcase]:
        """Release the locks of briefcases and, if requested, the briefcases themselves."""
        return [
            await self._freed(each, release_briefcase=release_briefcases)
            if each.lock is not None or release_briefcases
            else each
            for each in stale
        ]

    async def _freed(self, stale: StaleBriefcase, *, release_briefcase: bool) -> StaleBriefcase:
        briefcase_id = stale.briefcase.briefcase_id
        try:
            if stale.lock is not None:
                await AsyncLockSet(self._session, self._imodel_id, briefcase_id).release_all(None)
            if release_briefcase:
                await self._briefcases.release(self._imodel_id, briefcase_id)
        except rules.FAILURES as error:
            if rules.is_gone(error):  # its owner or another job released it first
                return attrs.evolve(stale, freed=True)
            LOGGER.warning("briefcase %d of iModel %s: %s", briefcase_id, self._imodel_id, error)
            return attrs.evolve(stale, error=error)
        return attrs.evolve(stale, freed=True)

    async def _owner_id(self, owner: str | None) -> str | None:
        if owner is None or "@" not in owner:
            return owner
        async for user in self._users.list(self._imodel_id):
            if (user.email or "").casefold() == owner.casefold():
                return user.id
        raise NameNotFound(
            f"no user with the e-mail address {owner!r} has worked with iModel {self._imodel_id}. Check the address, "
            "or pass the owner's id.",
            entity=f"iModel {self._imodel_id}, user {owner!r}",
        )
