"""The log has a request as soon as its client has the answer, or only the answer's head."""

import http.client
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
