"""Many threads can share one synchronous client."""

from concurrent.futures import ThreadPoolExecutor

from itwin_imodels import IModelsClient
from tests.behaviour.helpers.making import push_many
from tests.behaviour.helpers.places import Place


def test_threads_share_a_client(place: Place) -> None:
    """Each thread gets the responses to its own requests."""
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        imodels = [client.imodels.create(place.itwin_id, f"Thread {number}") for number in range(6)]
        try:
            for amount, imodel in enumerate(imodels[:3], 1):
                assert client.operations.get(imodel.id).state == "successful"
                push_many(client, imodel.id, client.briefcases.acquire(imodel.id).briefcase_id, amount)

            def look(number: int) -> tuple[str, int]:
                imodel = imodels[number % len(imodels)]
                pager = client.changesets.list(imodel.id, page_size=1, concurrency=1 + number % 3)
                return client.imodels.get(imodel.id).name, len(pager.all())

            with ThreadPoolExecutor(8) as executor:
                found = list(executor.map(look, range(48)))
            assert found == [(f"Thread {n % 6}", n % 6 + 1 if n % 6 < 3 else 0) for n in range(48)]
        finally:
            for imodel in imodels:
                client.imodels.delete(imodel.id)
