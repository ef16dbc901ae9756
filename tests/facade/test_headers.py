"""Headers that the caller adds to every request."""

import httpx

from itwin_imodels import IModelsClient
from tests.facade.test_unexpected_answers import IMODEL, IMODEL_BODY

URL = "http://imodels.test/imodels"


def test_names_are_case_insensitive(client_type: type[IModelsClient]) -> None:
    """A header replaces one whose name differs only in case: of the package, of the client or of an outer view."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"iModel": IMODEL_BODY})

    headers = {"X-Correlation-Id": "client", "user-agent": "mine", "X-Other": "1"}
    with client_type("token", base_url=URL, headers=headers, transport=httpx.MockTransport(answer)) as client:
        outer = client.with_options(headers={"x-correlation-id": "outer"})
        for each in (client, outer, outer.with_options(headers={"X-Correlation-Id": "inner"})):
            each.imodels.get(IMODEL)
    sent = [each.headers for each in requests]
    assert [each.get_list("x-correlation-id") for each in sent] == [["client"], ["outer"], ["inner"]]
    assert {(*each.get_list("user-agent"), *each.get_list("x-other")) for each in sent} == {("mine", "1")}
