"""The log contains a request as soon as its client has the response, or only its head."""

import http.client
import time
from urllib.parse import urlsplit

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from itwin_imodels_hub import Fault, LocalHub
from itwin_imodels_hub.control.traffic import LoggingMiddleware, RequestLog

TIMES = 200


@pytest.mark.parametrize("fault", [Fault.rate_limited(times=TIMES), None], ids=["fault", "api"])
def test_who_has_the_head_of_an_answer_finds_it_in_the_log(fault: Fault | None) -> None:
    """The client looks into the log right after it has read status and headers, again and again."""
    with LocalHub() as hub:
        if fault:
            hub.control.faults.add(fault)
        connection = http.client.HTTPConnection(urlsplit(hub.url).netloc)
        for number in range(1, TIMES + 1):
            connection.request("GET", "/imodels/none")
            answer = connection.getresponse()
            logged = hub.control.log.requests
            assert (len(logged), logged[-1].status) == (number, answer.status)
            answer.read()
        connection.close()


def test_a_request_from_before_a_new_log_is_not_in_it() -> None:
    """A request in progress belongs to the earlier log."""
    with LocalHub() as hub:
        hub.control.faults.add(Fault(delay=0.3, path="^/imodels/slow"))
        connection = http.client.HTTPConnection(urlsplit(hub.url).netloc)
        connection.request("GET", "/imodels/slow")
        time.sleep(0.1)
        hub.control.log.clear()
        connection.getresponse().read()
        connection.request("GET", "/imodels/none")
        connection.getresponse().read()
        connection.close()
        assert [request.path for request in hub.control.log.requests] == ["/imodels/none"]


def test_who_has_the_whole_content_finds_it_in_the_log() -> None:
    """A file is sent in pieces, and its end is recorded after the last of them: the client does not wait for that."""
    log = RequestLog()
    told: list[int] = []

    async def file(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"4")]})
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        await send({"type": "http.response.body", "body": b"cd", "more_body": True})
        told.append(len(log.requests))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Message) -> None:
        return

    scope = {"type": "http", "path": "/file", "method": "GET", "query_string": b"", "headers": []}
    anyio.run(LoggingMiddleware(file, log), scope, receive, send)
    assert told == [1]
    assert [(request.status, request.sent) for request in log.requests] == [(200, 4)]


def test_what_signs_people_in_is_not_in_the_log() -> None:
    """Codes, tokens and the mark of a client are blotted out of addresses, wherever they are sent to."""
    with LocalHub() as hub:
        connection = http.client.HTTPConnection(urlsplit(hub.url).netloc)
        names = (
            "code",
            "State",
            "code_verifier",
            "id_token_hint",
            "access_token",
            "refresh_token",
            "token",
            "user_code",
        )
        for path in ("/connect/authorize", "/connect/endsession", "/connect/userinfo", "/imodels/x"):
            connection.request("GET", f"{path}?client_id=kept&{'&'.join(f'{each}=s3cret' for each in names)}")
            connection.getresponse().read()
        connection.close()
        logged = repr(hub.control.log.requests)
    assert logged.count("client_id=kept") == 4
    assert "s3cret" not in logged
