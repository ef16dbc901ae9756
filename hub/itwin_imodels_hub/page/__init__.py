"""The status page of the hub: server-side rendered, with live updates by server-sent events."""

from itwin_imodels_hub.page.routes import HubPage
from itwin_imodels_hub.page.sections import Activity

__all__ = ["Activity", "HubPage"]
