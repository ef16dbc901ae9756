"""Operations on users of an iModel: everyone who has ever used it."""

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import open_imodel
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.store import statistics as rows


def get_list(context: Context) -> ApiResponse:
    """Get iModel Users."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        order = query.order(("givenName", "surname"), several=True)
        window = read_window(context, query)
    page = rows.users_of(context.connection, imodel.number, order, window)
    urls = context.urls
    if context.prefers_full:
        done = rows.statistics_of(context.connection, imodel.number, [item.id for item in page.items])
        items = [representations.user(item, imodel, urls, done[item.id]) for item in page.items]
    else:
        items = [representations.user_summary(item, imodel, urls) for item in page.items]
    return ApiResponse(json={"users": items, "_links": page_links(context, query, window, page)})


def get_details(context: Context) -> ApiResponse:
    """Get iModel User."""
    imodel = open_imodel(context).imodel
    user_id = parse_uuid(context.request.path["userId"])
    user = rows.user_of(context.connection, imodel.number, user_id) if user_id else None
    if user is None:
        raise errors.not_found("User")
    done = rows.statistics_of(context.connection, imodel.number, [user.id])
    return ApiResponse(json={"user": representations.user(user, imodel, context.urls, done[user.id])})
