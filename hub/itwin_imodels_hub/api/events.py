"""Store events about the changes that a request makes."""

from itwin_imodels_hub.api.context import Context
from itwin_imodels_hub.events.outbox import Event, put_event
from itwin_imodels_hub.store.records import IModelRecord


def announce(context: Context, event_type: str, imodel: IModelRecord, content: dict[str, object]) -> None:
    """Store an event about an existing iModel; it is sent after the transaction is committed."""
    event = Event(
        event_type=event_type,
        itwin_id=imodel.itwin_id,
        imodel_id=imodel.id,
        imodel_number=imodel.number,
        secured_by=imodel.secured_by,
        content=content,
        happened_at=context.now,
    )
    if put_event(context.connection, event, context.services.ids):
        context.after_commit.append(context.services.wake_event_sender)
