"""The hub shows itself: a page for people, rendered here, live by server-sent events."""

from itwin_imodels_hub.page.routes import HubPage
from itwin_imodels_hub.page.sections import Activity

__all__ = ["Activity", "HubPage"]
