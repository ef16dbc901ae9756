"""Operations on webhooks.

Paths, members, statuses and codes are those of the platform's Webhooks API (v2), as far as they are publicly known; the
code `InvalidCreateWebhookRequest` is inferred from the one for updates. Differences:

- not only service applications may register webhooks: `iTwin` webhooks require the permission to manage iModels in the
  iTwin; `Account` webhooks require it among the general permissions of the user, unless the user administers an
  organization;
- `Account` refers to the whole hub, with `scopeId` null;
- http URLs are accepted as well as https URLs, and loopback and link-local targets if the setting `local_webhooks`
  permits them;
- only the four event types of iModels are supported;
- a webhook receives events of iModels that its owner may see at the time of the event.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
from attrs import evolve

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.access import open_itwin
from itwin_imodels_hub.api.bodies import Fields
from itwin_imodels_hub.api.context import NO_CONTENT, ApiResponse, Context
from itwin_imodels_hub.api.errors import ServiceError
from itwin_imodels_hub.api.operations import Operation, segments_of
from itwin_imodels_hub.events.messages import EVENT_TYPES
from itwin_imodels_hub.events.registering import (
    ACCOUNT,
    ITWIN,
    LONGEST_SECRET,
    LONGEST_URL,
    problem_of_secret,
    problem_of_url,
)
from itwin_imodels_hub.events.targets import LOCAL_TARGET, is_local
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.permissions import Permission, with_implied
from itwin_imodels_hub.rules.times import write_time
from itwin_imodels_hub.store import webhooks as rows
from itwin_imodels_hub.store.records import WebhookRecord

_SECRET_BYTES = 32
_INVALID = 422


def get_list(context: Context) -> ApiResponse:
    """Get webhooks that the caller registered."""
    webhooks = rows.webhooks_of(context.connection, context.user.id)
    return ApiResponse(json={"webhooks": [_body(webhook) for webhook in webhooks]})


def get_details(context: Context) -> ApiResponse:
    """Get webhook."""
    return ApiResponse(json=_body(_webhook_in_path(context)))


def create(context: Context) -> ApiResponse:
    """Create webhook, inactive at first. Only this response contains the secret."""
    with _with_error_code("InvalidCreateWebhookRequest"), context.fields() as fields:
        fields.require("callbackUrl")
        fields.require("eventTypes")
        scope = fields.required_choice("scope", (ACCOUNT, ITWIN))
        itwin_id = fields.required_uuid("scopeId") if scope == ITWIN else fields.uuid("scopeId")
        if scope == ACCOUNT and itwin_id is not None:
            fields.problem(errors.bad_property("scopeId", f"Expected with the scope '{ITWIN}' only."))
        webhook = WebhookRecord(
            id=context.services.ids.new(),
            owner_id=context.user.id,
            callback_url=_read_url(context, fields) or "",
            scope=scope,
            itwin_id=itwin_id,
            event_types=_read_types(fields) or [],
            secret=_read_secret(fields) or secrets.token_hex(_SECRET_BYTES),
            active=False,
            created_at=context.now,
            modified_at=context.now,
        )
    _require_management(context, webhook)
    rows.add_webhook(context.connection, webhook)
    return ApiResponse(status=201, json={**_body(webhook), "secret": webhook.secret})


def update(context: Context) -> ApiResponse:
    """Update webhook: omitted members remain unchanged. Pending events of an inactive webhook are kept."""
    webhook = _webhook_in_path(context)
    with _with_error_code("InvalidUpdateWebhookRequest"), context.fields() as fields:
        url, secret, types = _read_url(context, fields), _read_secret(fields), _read_types(fields)
        if fields.was_sent("active"):
            fields.require("active")
        active = fields.flag("active") if fields.was_sent("active") else webhook.active
    _require_management(context, webhook)
    changed = evolve(
        webhook,
        callback_url=url or webhook.callback_url,
        secret=secret or webhook.secret,
        event_types=types or webhook.event_types,
        active=active,
        modified_at=context.now,
    )
    changeable = ("callback_url", "secret", "event_types", "active", "modified_at")
    rows.change_webhook(context.connection, webhook.id, {name: getattr(changed, name) for name in changeable})
    context.after_commit.append(context.services.wake_event_sender)
    return ApiResponse(json=_body(changed))


def delete(context: Context) -> ApiResponse:
    """Delete webhook, including its pending events."""
    rows.delete_webhook(context.connection, _webhook_in_path(context).id)
    return NO_CONTENT


@contextmanager
def _with_error_code(code: str) -> Iterator[None]:
    """Replace the error code for problems of a body."""
    try:
        yield
    except ServiceError as error:
        if error.status == _INVALID:
            error.code = code
        raise


def _webhook_in_path(context: Context) -> WebhookRecord:
    webhook_id = parse_uuid(context.request.path["webhookId"])
    webhook = rows.find_webhook(context.connection, context.user.id, webhook_id) if webhook_id else None
    if webhook is None:
        raise ServiceError(404, "WebhookNotFound", "Requested webhook is not available.")
    return webhook


def _require_management(context: Context, webhook: WebhookRecord) -> None:
    """Check that the caller may manage iModels in the scope of a webhook.

    Raises:
        ServiceError: The caller lacks the permission, or the iTwin is missing.
    """
    user = context.user
    if webhook.itwin_id is not None:
        open_itwin(context, webhook.itwin_id, Permission.MANAGE)
    elif not user.organization_administrator and Permission.MANAGE not in with_implied(user.permissions):
        raise errors.insufficient_permissions()


def _read_url(context: Context, fields: Fields) -> str | None:
    url = fields.text("callbackUrl", maximum=LONGEST_URL, blank=False)
    if url is None:
        return None
    problem = problem_of_url(url)
    if problem is None and not context.settings.local_webhooks and is_local(httpx.URL(url).host):
        problem = LOCAL_TARGET
    if problem is not None:
        fields.problem(errors.bad_property("callbackUrl", problem))
    return url


def _read_secret(fields: Fields) -> str | None:
    secret = fields.text("secret", maximum=LONGEST_SECRET)
    if secret is not None and (problem := problem_of_secret(secret)):
        fields.problem(errors.bad_property("secret", problem))
    return secret


def _read_types(fields: Fields) -> list[str] | None:
    types = fields.texts("eventTypes")
    if types is None:
        return None
    for unknown in dict.fromkeys(name for name in types if name not in EVENT_TYPES):
        fields.problem(errors.bad_choice("eventTypes", unknown, EVENT_TYPES))
    return list(dict.fromkeys(types))


def _body(webhook: WebhookRecord) -> dict[str, object]:
    return {
        "id": webhook.id,
        "scope": webhook.scope,
        "scopeId": webhook.itwin_id,
        "active": webhook.active,
        "callbackUrl": webhook.callback_url,
        "eventTypes": webhook.event_types,
        "created": write_time(webhook.created_at),
        "modified": write_time(webhook.modified_at),
    }


_PATH = segments_of("/{webhookId}")

OPERATIONS: Final = (
    Operation(id="get-webhooks", method="GET", path=(), handler=get_list),
    Operation(
        id="create-webhook",
        method="POST",
        path=(),
        handler=create,
        problem="Cannot create a webhook. Make sure the request body is valid.",
        writes=True,
    ),
    Operation(id="get-webhook", method="GET", path=_PATH, handler=get_details),
    Operation(
        id="update-webhook",
        method="PATCH",
        path=_PATH,
        handler=update,
        problem="Cannot update a webhook. Make sure the request body is valid.",
        writes=True,
    ),
    Operation(id="delete-webhook", method="DELETE", path=_PATH, handler=delete, writes=True),
)
