"""Operations on favorites and recently used iModels."""

from itwin_imodels_hub.api import representations
from itwin_imodels_hub.api.access import open_imodel, open_itwin, visible_in
from itwin_imodels_hub.api.context import NO_CONTENT, ApiResponse, Context
from itwin_imodels_hub.api.page_links import page_links, read_window, single_page_links
from itwin_imodels_hub.store import personal as rows


def get_favorites(context: Context) -> ApiResponse:
    """Get My Favorite iModels; supports only paging by token."""
    with context.query() as query:
        itwin_id = query.required_uuid("iTwinId")
        window = read_window(context, query, skip=False)
    open_itwin(context, itwin_id)
    seen = visible_in(context, itwin_id)
    page = rows.favorites_of(context.connection, context.user.id, itwin_id, window, visibility=seen)
    links = page_links(context, query, window, page)
    return ApiResponse(json={"iModels": representations.imodels(page.items, context), "_links": links})


def add_favorite(context: Context) -> ApiResponse:
    """Add iModel to My Favorites."""
    imodel = open_imodel(context).imodel
    rows.add_favorite(context.connection, context.user.id, imodel.number, context.now)
    return NO_CONTENT


def remove_favorite(context: Context) -> ApiResponse:
    """Remove iModel from My Favorites; no error if it is not a favorite."""
    rows.remove_favorite(context.connection, context.user.id, open_imodel(context).imodel.number)
    return NO_CONTENT


def get_recents(context: Context) -> ApiResponse:
    """Get My Recently Used iModels: one page, newest first."""
    with context.query() as query:
        itwin_id = query.required_uuid("iTwinId")
        window = read_window(context, query, skip=False, token=False)
    open_itwin(context, itwin_id)
    seen = visible_in(context, itwin_id)
    items = rows.recents_of(context.connection, context.user.id, itwin_id, window.top, visibility=seen)
    links = single_page_links(context, query, window.top)
    return ApiResponse(json={"iModels": representations.imodels(items, context), "_links": links})


def add_recent(context: Context) -> ApiResponse:
    """Add iModel to My Recents. No other operation adds iModels to this list."""
    imodel = open_imodel(context).imodel
    kept = context.settings.recents
    rows.add_recent(context.connection, context.user.id, imodel.number, context.now, kept=kept)
    return NO_CONTENT


def remove_recent(context: Context) -> ApiResponse:
    """Remove iModel from My Recents; no error if it is not in the list."""
    rows.remove_recent(context.connection, context.user.id, open_imodel(context).imodel.number)
    return NO_CONTENT
