"""The caller's favorite and recently used iModels."""

from itwin_imodels._core import checks
from itwin_imodels._operations.call import Call, read_no_content, without_none
from itwin_imodels._operations.common import Detail, Listed, entity_description, page_reader, prefer_header
from itwin_imodels._operations.imodels import reader


def list_favorites(*, itwin_id: str, detail: Detail, top: int | None) -> Call[Listed]:
    """Get My Favorite iModels."""
    return _list_own("favorites.list", "favorites.get_my_favorite_imodels", itwin_id, detail, top)


def add_favorite(imodel_id: str) -> Call[None]:
    """Add iModel to My Favorites."""
    return _mark("favorites.add", "favorites.add_imodel_to_my_favorites", imodel_id)


def remove_favorite(imodel_id: str) -> Call[None]:
    """Remove iModel from My Favorites."""
    return _mark("favorites.remove", "favorites.remove_imodel_from_my_favorites", imodel_id)


def list_recents(*, itwin_id: str, detail: Detail, top: int | None) -> Call[Listed]:
    """Get My Recently Used iModels."""
    return _list_own("recents.list", "recents.get_my_recently_used_imodels", itwin_id, detail, top)


def add_recent(imodel_id: str) -> Call[None]:
    """Add iModel to My Recents."""
    return _mark("recents.add", "recents.add_imodel_to_my_recents", imodel_id)


def remove_recent(imodel_id: str) -> Call[None]:
    """Remove iModel from My Recents."""
    return _mark("recents.remove", "recents.remove_imodel_from_my_recents", imodel_id)


def _list_own(name: str, endpoint: str, itwin_id: str, detail: Detail, top: int | None) -> Call[Listed]:
    return Call(
        name=name,
        endpoint=endpoint,
        entity=entity_description(iTwin=checks.identifier("itwin_id", itwin_id)),
        arguments=without_none(i_twin_id=itwin_id, prefer=prefer_header(detail), top=top),
        read=page_reader("iModels", reader(detail), itwin_id=itwin_id if detail == "full" else None),
    )


def _mark(name: str, endpoint: str, imodel_id: str) -> Call[None]:
    return Call(
        name=name,
        endpoint=endpoint,
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        is_idempotent=True,
        read=read_no_content,
    )
