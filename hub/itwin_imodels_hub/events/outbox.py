"""Stores webhook events in the same transaction as the change that they report.

A change that is rolled back stores no event. The event of a committed change is stored even if the process is killed
right afterwards.
"""

from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection

from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.rules.permissions import BY_ROLE, Permission, on_imodel
from itwin_imodels_hub.store import webhooks as rows
from itwin_imodels_hub.store.itwins import has_all_permissions, permissions_in
from itwin_imodels_hub.store.members import roles_of
from itwin_imodels_hub.store.records import NewDelivery, WebhookRecord
from itwin_imodels_hub.store.sharing import configured_permissions_for
from itwin_imodels_hub.store.users import user_by_id


@frozen(kw_only=True)
class Event:
    """A change to an iModel.

    Attributes:
        event_type: Event type, such as `iModels.changesReady.v1`.
        itwin_id: iTwin of the iModel.
        imodel_id: Id of the iModel.
        imodel_number: Key of the iModel in this database.
        secured_by: Whether the iModel's own permissions are per `role` or `user`; None if it has no permissions of its
            own.
        content: Content of the event message.
        happened_at: Time of the change.
    """

    event_type: str
    itwin_id: str
    imodel_id: str
    imodel_number: int
    secured_by: str | None
    content: dict[str, object]
    happened_at: datetime


def put_event(connection: Connection, event: Event, ids: Ids) -> bool:
    """Store an event for each subscribed webhook, all with the same message id.

    Call this before the iModel is deleted, because the permissions of webhook owners depend on the iModel.

    Args:
        connection: The transaction of the change.
        event: The event.
        ids: Generator of the message id; not used if no webhook receives the event.

    Returns:
        Whether any webhook receives the event.
    """
    receivers = [
        webhook
        for webhook in rows.webhooks_about(connection, event.itwin_id)
        if event.event_type in webhook.event_types and _may_receive(connection, webhook, event)
    ]
    if not receivers:
        return False
    message_id = ids.new()
    for webhook in receivers:
        delivery = NewDelivery(
            webhook_id=webhook.id,
            message_id=message_id,
            event_type=event.event_type,
            itwin_id=event.itwin_id,
            imodel_id=event.imodel_id,
            content=event.content,
            enqueued_at=event.happened_at,
        )
        rows.add_delivery(connection, delivery)
    return True


def _may_receive(connection: Connection, webhook: WebhookRecord, event: Event) -> bool:
    """Check whether the owner of a webhook may see the iModel of an event."""
    if webhook.owner_id is None:
        return True
    user = user_by_id(connection, webhook.owner_id)
    if user is None:
        return False
    permissions = permissions_in(connection, event.itwin_id, user)
    if event.secured_by is not None and not has_all_permissions(connection, event.itwin_id, user):
        ids = roles_of(connection, event.itwin_id, user.id) if event.secured_by == BY_ROLE else [user.id]
        configured = configured_permissions_for(connection, event.imodel_number, event.secured_by, ids)
        permissions = on_imodel(permissions, configured, kind=event.secured_by)
    return Permission.WEBVIEW in permissions
