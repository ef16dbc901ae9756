"""Routes of the provider."""

from starlette.routing import Route

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.identity import discovery
from itwin_imodels_hub.identity.authorize import Authorization
from itwin_imodels_hub.identity.device_page import DevicePage
from itwin_imodels_hub.identity.endpoints import Endpoints
from itwin_imodels_hub.identity.provider import Provider
from itwin_imodels_hub.store.database import Database


def identity_routes(database: Database, clock: Clock, settings: HubSettings, secret: bytes) -> list[Route]:
    """Return the routes of the OpenID provider of a hub.

    Args:
        database: Database with users, sign-ins and tokens.
        clock: Clock of the hub.
        settings: Settings of the hub.
        secret: Secret that seals forms and encrypts the signing key.
    """
    provider = Provider(database=database, clock=clock, settings=settings, secret=secret)
    endpoints, authorization, devices = Endpoints(provider), Authorization(provider), DevicePage(provider)
    return [
        Route(discovery.CONFIGURATION, endpoints.configuration, methods=["GET"]),
        Route(discovery.METADATA, endpoints.configuration, methods=["GET"]),
        Route(discovery.KEYS, endpoints.keys, methods=["GET"]),
        Route(discovery.AUTHORIZE, authorization.ask, methods=["GET", "POST"]),
        Route(discovery.DECISION, authorization.decide, methods=["POST"]),
        Route(discovery.TOKEN, endpoints.token, methods=["POST"]),
        Route(discovery.REVOCATION, endpoints.revoke, methods=["POST"]),
        Route(discovery.DEVICE_AUTHORIZATION, endpoints.authorize_device, methods=["POST"]),
        Route(discovery.DEVICE, devices.ask, methods=["GET"]),
        Route(discovery.DEVICE_DECISION, devices.decide, methods=["POST"]),
        Route(discovery.USERINFO, endpoints.userinfo, methods=["GET", "POST"]),
        Route(discovery.END_SESSION, endpoints.end_session, methods=["GET", "POST"]),
    ]
