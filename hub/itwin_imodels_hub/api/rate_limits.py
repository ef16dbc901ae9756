"""Rate limits for single operations. Only successful calls count, because failed calls are rolled back."""

from collections.abc import Sequence
from datetime import datetime

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import Context
from itwin_imodels_hub.rules.rate_limits import MINUTE, limits_of, seconds_to_wait
from itwin_imodels_hub.store.limited_calls import calls_after, count_call, delete_calls


def limit_creations(context: Context) -> None:
    """Count the creation of an iModel.

    Raises:
        ServiceError: The application has reached its limit.
    """
    _limit_application(context, context.settings.creations_per_minute, copies=False)


def limit_copies(context: Context) -> None:
    """Count a clone or fork; the limit applies to each of the two operations separately.

    Raises:
        ServiceError: The application has reached its limit.
    """
    _limit_application(context, context.settings.copies_per_minute, copies=True)


def limit_calls(context: Context, subject: str, limit: int) -> None:
    """Count a call to the current operation for a subject, such as an application.

    Raises:
        ServiceError: The limit is reached.
    """
    scope = f"{context.request.operation_id} {subject}"
    check_limit(context, calls_after(context.connection, scope, context.now - MINUTE), limit)
    delete_calls(context.connection, context.now - MINUTE)
    count_call(context.connection, scope, context.now)


def check_limit(context: Context, calls: Sequence[datetime], limit: int) -> None:
    """Check the number of calls within the last minute.

    Raises:
        ServiceError: The limit is reached.
    """
    wait = seconds_to_wait(calls, limit, context.now)
    if wait is not None:
        raise errors.rate_limited(
            wait,
            tier=context.settings.tier,
            operation=context.request.operation_id,
            application=context.caller.application_id,
        )


def _limit_application(context: Context, limit: int | None, *, copies: bool) -> None:
    tier = context.settings.tier
    if limit is None and tier is not None:
        limits = limits_of(tier)
        limit = limits.copies if copies else limits.creations
    if limit is not None:
        limit_calls(context, context.caller.application_id or context.user.id, limit)
