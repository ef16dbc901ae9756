"""The page where a user enters the code shown by a device, and approves or denies access."""

from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from itwin_imodels_hub.identity.device import approve, normalized_user_code
from itwin_imodels_hub.identity.discovery import DEVICE, DEVICE_DECISION
from itwin_imodels_hub.identity.forms import COOKIE, is_sealed, mark_of
from itwin_imodels_hub.identity.pages import page, problem_page
from itwin_imodels_hub.identity.provider import Provider
from itwin_imodels_hub.identity.requests import UnreadableError, form_of, query_of
from itwin_imodels_hub.identity.sign_in_forms import (
    EXPIRED,
    mark_of_form,
    no_user_notice,
    sign_in_page,
    user_of_form,
    users_to_choose_from,
)
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.device_codes import DeviceCodeRecord, deny_device_code, find_user_code

_CODE = "user_code"


class DevicePage:
    """The handlers of the page and its form."""

    def __init__(self, provider: Provider) -> None:
        """Handle requests for a provider."""
        self._provider = provider

    async def ask(self, request: Request) -> Response:
        """Show the form for the code, or, if the request contains a code, the sign-in form."""
        try:
            typed = query_of(request).get(_CODE)
        except UnreadableError as error:
            return problem_page(error.reason, error.status)
        if typed is None:
            return _code_page()
        mark = mark_of(request.cookies.get(COOKIE))

        def show() -> Response:
            with self._provider.transaction(request, writing=False) as transaction:
                record = _find_code(transaction, typed)
                return _code_page(wrong=True) if record is None else _choice(transaction, record, mark)

        return await run_sync(show)

    async def decide(self, request: Request) -> Response:
        """Process the decision of the user."""
        try:
            typed = query_of(request).get(_CODE, "")
            form = await form_of(request, self._provider.settings)
        except UnreadableError as error:
            return problem_page(error.reason, error.status)
        mark = mark_of_form(request)

        def take() -> Response:
            with self._provider.transaction(request) as transaction:
                return _decide(transaction, typed, form, mark)

        return await run_sync(take)


def _find_code(transaction: Transaction, typed: str, *, locked: bool = False) -> DeviceCodeRecord | None:
    return find_user_code(transaction.connection, normalized_user_code(typed), transaction.now, locked=locked)


def _decide(transaction: Transaction, typed: str, form: dict[str, str], mark: str | None) -> Response:
    record = _find_code(transaction, typed, locked=True)
    if record is None:
        return _code_page(wrong=True)
    if not is_sealed(form.get("seal", ""), mark, _query_of(record), transaction.now, transaction.secret):
        return _choice(transaction, record, mark_of(mark), 403, notice=EXPIRED)
    if "cancel" in form:
        deny_device_code(transaction.connection, record)
        return page("device_done", approved=False)
    user = user_of_form(transaction, form)
    if user is None:
        return _choice(transaction, record, mark_of(mark), 400, notice=no_user_notice(transaction))
    approve(transaction, record, user)
    return page("device_done", approved=True)


def _code_page(*, wrong: bool = False) -> Response:
    return page("device", 404 if wrong else 200, form_targets=("'self'",), action=DEVICE, wrong=wrong)


def _choice(
    transaction: Transaction, record: DeviceCodeRecord, mark: str, status: int = 200, *, notice: str | None = None
) -> Response:
    return sign_in_page(
        transaction,
        mark,
        _query_of(record),
        status,
        path=DEVICE,
        action=DEVICE_DECISION,
        client=record.client_name,
        scope=record.scope,
        users=users_to_choose_from(transaction),
        notice=notice,
        user_code=record.user_code,
    )


def _query_of(record: DeviceCodeRecord) -> str:
    return urlencode({_CODE: record.user_code})
