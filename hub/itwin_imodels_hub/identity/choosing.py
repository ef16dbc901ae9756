"""Whether a person may sign in by choosing a user, or must enter a token of the user."""

from typing import Final

from starlette.requests import Request

from itwin_imodels_hub.basis.hosts import host_of, is_loopback
from itwin_imodels_hub.basis.settings import HubSettings

_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers that identify a request forwarded by a proxy, even if the proxy is not configured."""


def may_choose_user(request: Request, settings: HubSettings) -> bool:
    """Check whether the sign-in page lets a person choose a user.

    By default only people at this machine may: the hub is configured for no other host and no proxy, and the request
    was sent from a loopback address to a loopback host, without proxy headers.
    """
    if settings.sign_in_by_choice is not None:
        return settings.sign_in_by_choice
    reached_by_others = settings.allowed_hosts or settings.trusted_proxies
    return not reached_by_others and _is_local(request)


def _is_local(request: Request) -> bool:
    host = host_of(request.headers.get("host", ""))
    if request.client is None or host is None or any(name in request.headers for name in _FORWARDED):
        return False
    return is_loopback(request.client.host) and is_loopback(host)
