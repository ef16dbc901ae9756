"""The log has a request as soon as its client has the answer, or only the answer's head."""

import http.client
import time
from urllib.parse import urlsplit

import pytest

from itwin_imodels_hub import Fault, LocalHub

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
    """A request that is still under way when the log begins anew belongs to the old one."""
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
