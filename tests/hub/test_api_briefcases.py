"""Briefcases."""

import pytest

from itwin_imodels_hub.basis.settings import HubSettings
from tests.hub.helpers.desk import Desk, details_of, error_of


def test_acquire(ada: Desk, imodel: str) -> None:
    """Ids start at 2, and the display name contains the device."""
    first = ada.post(imodel, "briefcases", deviceName="Device Name").json()["briefcase"]
    assert (first["id"], first["briefcaseId"], first["displayName"]) == ("2", 2, "#2 Device Name")
    assert first["application"] == {"id": "ada-application", "name": "Ada's Application"}
    assert first["fileSize"] > 0
    assert first["_links"]["checkpoint"]["href"].endswith(f"/imodels/{imodel}/briefcases/checkpoint")
    assert ada.call("POST", imodel, "briefcases").json()["briefcase"]["displayName"] == "#3"
    assert ada.get(imodel, "briefcases", 2).json()["briefcase"] == first


def test_ids_are_not_given_again(ada: Desk, imodel: str, briefcase: int) -> None:
    """A released briefcase is deleted, and its id is never reused."""
    assert ada.delete(imodel, "briefcases", briefcase).status_code == 204
    assert error_of(ada.get(imodel, "briefcases", briefcase)) == (404, "BriefcaseNotFound")
    assert error_of(ada.delete(imodel, "briefcases", briefcase)) == (404, "BriefcaseNotFound")
    assert ada.briefcase(imodel) == briefcase + 1
    assert len(ada.get(imodel, "briefcases").json()["briefcases"]) == 1


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize("text", ["0", "1", "9", "-2", "x", "2.0", "99999999999999999999", "%00", "2%2F"])
def test_not_found(ada: Desk, imodel: str, briefcase: int, text: str) -> None:
    """BriefcaseNotFound: unknown and malformed ids."""
    assert briefcase == 2
    assert error_of(ada.get(imodel, "briefcases", text)) == (404, "BriefcaseNotFound")
    assert error_of(ada.delete(imodel, "briefcases", text)) == (404, "BriefcaseNotFound")


def test_list_by_owner(ada: Desk, grace: Desk, imodel: str) -> None:
    """Owners are filtered by id or as `me`; an unknown owner has no briefcases."""
    ada.briefcase(imodel)
    ada.wait(1)
    grace.briefcase(imodel)
    both = ada.get_full(imodel, "briefcases").json()["briefcases"]
    assert [item["briefcaseId"] for item in both] == [2, 3]
    own = grace.get_full(imodel, "briefcases", ownerId="me").json()["briefcases"]
    assert [item["briefcaseId"] for item in own] == [3]
    owner = both[0]["ownerId"]
    assert ada.get(imodel, "briefcases", ownerId=owner.upper()).json()["briefcases"] == [
        {"id": "2", "displayName": "#2"}
    ]
    assert ada.get(imodel, "briefcases", ownerId="nobody").json()["briefcases"] == []
    newest = ada.get(imodel, "briefcases", _orderBy="acquiredDateTime desc").json()["briefcases"]
    assert [item["id"] for item in newest] == ["3", "2"]


def test_refusals(ada: Desk, imodel: str) -> None:
    """InvalidValue, UnsupportedMediaType, InvalidRequestBody: bad bodies and queries."""
    response = ada.post(imodel, "briefcases", deviceName="d" * 256)
    assert details_of(response) == [("InvalidValue", "deviceName")]
    error = response.json()["error"]
    assert error["message"] == "Cannot acquire Briefcase."
    expected = "Provided 'deviceName' is not valid. The value exceeds allowed 255 characters."
    assert error["details"][0]["message"] == expected
    assert details_of(ada.post(imodel, "briefcases", deviceName=5)) == [("InvalidValue", "deviceName")]
    assert details_of(ada.post(imodel, "briefcases", device="x")) == [("InvalidValue", "device")]
    assert details_of(ada.get(imodel, "briefcases", _orderBy="id")) == [("InvalidValue", "$orderBy")]
    plain = ada.call("POST", imodel, "briefcases", content=b"{}", headers={"Content-Type": "text/plain"})
    assert error_of(plain) == (415, "UnsupportedMediaType")
    assert details_of(ada.call("POST", imodel, "briefcases", content=b"{")) == [("InvalidRequestBody", None)]


def test_release_of_others(ada: Desk, grace: Desk, imodel: str) -> None:
    """Users who manage an iModel may release all briefcases, with their locks."""
    ada.push(imodel, ada.briefcase(imodel))
    other = grace.briefcase(imodel)
    assert grace.lock(imodel, other, exclusive=["0x1"]).status_code == 200
    assert ada.delete(imodel, "briefcases", other).status_code == 204
    assert ada.get(imodel, "locks").json()["locks"] == []
    assert ada.get(imodel, "locks/released-locks", afterChangesetIndex=0).json()["releasedLocks"] == []
    assert ada.lock(imodel, ada.briefcase(imodel), exclusive=["0x1"]).status_code == 200


class TestQuota:
    """Limits per user and iModel."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Set low limits."""
        return HubSettings(briefcases_total=4, briefcases_per_minute=3)

    def test_total(self, ada: Desk, grace: Desk, imodel: str) -> None:
        """ResourceQuotaExceeded, MaximumNumberOfBriefcasesPerUser: reported together with other problems."""
        for _ in range(4):
            ada.briefcase(imodel)
            ada.wait(30)
        response = ada.post(imodel, "briefcases", deviceName="d" * 256)
        assert details_of(response) == [("InvalidValue", "deviceName"), ("ResourceQuotaExceeded", None)]
        inner = response.json()["error"]["details"][1]["innerError"]
        assert inner == {"code": "MaximumNumberOfBriefcasesPerUser"}
        assert grace.briefcase(imodel)
        ada.wait()
        assert ada.delete(imodel, "briefcases", 2).status_code == 204
        assert ada.briefcase(imodel)

    def test_rate(self, ada: Desk, grace: Desk, imodel: str) -> None:
        """RateLimitExceeded: too many in a minute, including released ones."""
        for _ in range(3):
            ada.delete(imodel, "briefcases", ada.briefcase(imodel))
            ada.wait(5)
        response = ada.post(imodel, "briefcases")
        assert error_of(response) == (429, "RateLimitExceeded")
        assert response.headers["retry-after"] == "45"
        assert response.headers["itwinplatform-ratelimited-operation"] == "acquire-imodel-briefcase"
        assert response.headers["itwinplatform-ratelimited-application"] == "ada-application"
        assert "itwinplatform-ratelimited-tier" not in response.headers
        assert grace.briefcase(imodel)
        ada.wait(45)
        assert ada.briefcase(imodel)


class TestQuotaOfHeld:
    """The setting with which released briefcases do not count."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Set a low limit."""
        return HubSettings(briefcases_per_minute=3, released_briefcases_count=False)

    def test_rate(self, ada: Desk, imodel: str) -> None:
        """RateLimitExceeded: too many in a minute that are not released."""
        for _ in range(5):
            ada.delete(imodel, "briefcases", ada.briefcase(imodel))
        for _ in range(3):
            ada.briefcase(imodel)
        assert error_of(ada.post(imodel, "briefcases")) == (429, "RateLimitExceeded")


class TestDefaultRate:
    """The limit of the service."""

    def test_rate(self, ada: Desk, imodel: str) -> None:
        """RateLimitExceeded: it can be reached, since the total counts only briefcases that are not released."""
        for _ in range(100):
            ada.delete(imodel, "briefcases", ada.briefcase(imodel))
        assert error_of(ada.post(imodel, "briefcases")) == (429, "RateLimitExceeded")
