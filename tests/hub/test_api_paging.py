"""Pages of lists: both ways visit everything once, links lead on, and tokens are valid for their list only."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from itwin_imodels_hub import HubSettings
from tests.hub.helpers.desk import Desk, details_of, error_of

AMOUNT = 7

LISTS: dict[str, tuple[str, str]] = {
    "get-imodel-briefcases": ("briefcases", "briefcases"),
    "get-imodel-changesets": ("changesets", "changesets"),
    "get-imodel-changesets-extended-data": ("changesets/extendeddata", "extendedData"),
    "get-imodel-changeset-groups": ("changesetgroups", "changesetGroups"),
    "get-imodel-named-versions": ("namedversions", "namedVersions"),
    "get-imodel-locks": ("locks", "locks"),
    "get-imodel-released-locks": ("locks/released-locks?afterChangesetIndex=0", "releasedLocks"),
    "get-imodel-shares": ("shares", "shares"),
}


@pytest.fixture
def filled(ada: Desk, imodel: str) -> str:
    """Fill an iModel with seven of everything."""
    briefcases = [ada.briefcase(imodel) for _ in range(AMOUNT)]
    changesets = ada.history(imodel, briefcases[0], AMOUNT)
    end = "2099-01-01T00:00:00Z"
    ada.hub.clock.set(ada.hub.clock.now().replace(year=2098, month=12))
    for number, changeset in enumerate(changesets):
        assert ada.post(imodel, "changesetgroups").status_code == 201
        assert ada.post(imodel, "namedversions", name=f"v{number}", changesetId=changeset).status_code == 201
        assert ada.post(imodel, "changesets", changeset, "extendeddata", data="e30=").status_code == 201
        share = ada.post(imodel, "shares", name="s", permission="imodels_read", expiresAt=end)
        assert share.status_code == 201
        objects = [hex(number + 1), hex(number + 101)]
        ada.lock(imodel, briefcases[number], shared=objects[:1], exclusive=objects[1:])
        ada.lock(imodel, briefcases[number], changeset, none=objects[1:])
    return imodel


def leaves(items: list[Any]) -> list[str]:
    """Flatten items; those of lock lists into their objects."""
    flat = []
    for item in items:
        if "lockedObjects" in item:
            flat += [f"{item['briefcaseId']} {key}" for group in item["lockedObjects"] for key in group["objectIds"]]
        elif "objectIds" in item:
            flat += item["objectIds"]
        else:
            flat.append(str(item))
    return flat


def walk(ada: Desk, address: str, member: str, link: str = "next") -> list[list[str]]:
    """Follow links, and return the pages."""
    pages = []
    following: str | None = address
    while following is not None:
        response = ada.client.get(following)
        assert response.status_code == 200, response.text
        pages.append(leaves(response.json()[member]))
        following = (response.json()["_links"][link] or {}).get("href")
    return pages


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("operation", LISTS)
def test_everything_once(ada: Desk, filled: str, operation: str) -> None:
    """In both modes and with any page size, each item occurs once, in order, in full pages; also backwards."""
    path, member = LISTS[operation]
    address = f"/imodels/{filled}/{path}"
    sign = "&" if "?" in path else "?"
    everything = walk(ada, address, member)[0]
    assert len(everything) == AMOUNT
    modes = ["$skip=0"] if operation == "get-imodel-shares" else ["$skip=0", "$continuationToken="]
    for mode in modes:
        for top in (1, 2, 3, AMOUNT - 1, AMOUNT, AMOUNT + 1):
            pages = walk(ada, f"{address}{sign}{mode}&$top={top}", member)
            assert [item for page in pages for item in page] == everything
            assert {len(page) for page in pages[:-1]} <= {top}
            assert pages[-1]


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("mode", ["$skip=0", "$continuationToken="])
def test_back_again(ada: Desk, filled: str, mode: str) -> None:
    """Links to previous pages lead back to the first, whose own is null."""
    address = f"/imodels/{filled}/changesets?{mode}&$top=3"
    forth = walk(ada, address, "changesets")
    last = ada.client.get(address)
    assert last.json()["_links"]["prev"] is None
    while last.json()["_links"]["next"] is not None:
        last = ada.client.get(last.json()["_links"]["next"]["href"])
    assert walk(ada, last.json()["_links"]["self"]["href"], "changesets", "prev") == forth[::-1]


def test_links_show_what_is_meant(ada: Desk, itwin: str) -> None:
    """Links are absolute, keep filters and order, and name the effective values."""
    for number in range(3):
        ada.imodel(itwin, f"A&B #{number}")
    links = ada.get(iTwinId=itwin, _search="a&b", _orderBy="name desc", _top=1, _skip=1).json()["_links"]
    base = f"{ada.client.base_url}/imodels?iTwinId={itwin}&$search=a%26b&$orderBy=name%20desc"
    assert links == {
        "self": {"href": f"{base}&$skip=1&$top=1"},
        "prev": {"href": f"{base}&$skip=0&$top=1"},
        "next": {"href": f"{base}&$skip=2&$top=1"},
    }
    assert ada.get(iTwinId=itwin).json()["_links"] == {
        "self": {"href": f"{ada.client.base_url}/imodels?iTwinId={itwin}&$skip=0&$top=100"},
        "prev": None,
        "next": None,
    }


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"Host": "hub.example.com:8080"}, "http://hub.example.com:8080"),
        ({"X-Forwarded-Host": "api.example.com", "X-Forwarded-Proto": "https"}, "https://api.example.com"),
        ({"X-Forwarded-Host": "bad host/"}, None),
        ({"X-Forwarded-Proto": "gopher"}, None),
        ({"Host": "[::1]:5"}, "http://[::1]:5"),
        ({"Host": "[::1]:5", "X-Forwarded-Host": "api.example.com"}, "http://api.example.com"),
    ],
)
@pytest.mark.parametrize(
    "settings",
    [HubSettings(trusted_proxies=["127.0.0.0/8"], allowed_hosts=["hub.example.com", "API.example.com"])],
)
def test_links_name_the_host_called(ada: Desk, imodel: str, headers: dict[str, str], origin: str | None) -> None:
    """Links carry the host that was called, also through a proxy; nonsense is not repeated."""
    expected = origin or str(ada.client.base_url).rstrip("/")
    body = ada.call("GET", imodel, headers=headers).json()["iModel"]
    assert body["_links"]["changesets"]["href"] == f"{expected}/imodels/{imodel}/changesets"
    link = ada.call("GET", imodel, "baselinefile", headers=headers).json()["baselineFile"]["_links"]["download"]
    assert link["href"].startswith(f"{expected}/storage/")


def test_tokens_hold_while_others_come_and_go(ada: Desk, imodel: str) -> None:
    """A page continues after the item of its token, regardless of items that were added or removed before it."""
    ids = [ada.briefcase(imodel) for _ in range(6)]
    first = ada.client.get(f"/imodels/{imodel}/briefcases?$continuationToken=&$top=2").json()
    ada.delete(imodel, "briefcases", ids[0])
    ada.delete(imodel, "briefcases", ids[1])
    ids.append(ada.briefcase(imodel))
    rest = walk(ada, first["_links"]["next"]["href"], "briefcases")
    found = [item["id"] for item in first["briefcases"]]
    assert len(found + [item for page in rest for item in page]) == 7


def test_nothing_is_omitted_after_an_empty_page(ada: Desk, imodel: str) -> None:
    """A page whose items were all removed leads to the items next to it, in both directions."""
    ids = [str(ada.briefcase(imodel)) for _ in range(6)]

    def page(link: Any) -> tuple[list[str], Any]:
        body = ada.client.get(link if isinstance(link, str) else link["href"]).json()
        return [item["id"] for item in body["briefcases"]], body["_links"]

    _, first = page(f"/imodels/{imodel}/briefcases?$continuationToken=&$top=2")
    _, second = page(first["next"])
    for removed in ids[:2]:
        ada.delete(imodel, "briefcases", removed)
    found, empty = page(second["prev"])
    assert (found, empty["prev"]) == ([], None)
    found, links = page(empty["next"])
    assert found == ids[2:4]
    assert page(links["next"])[0] == ids[4:]
    for removed in ids[4:]:
        ada.delete(imodel, "briefcases", removed)
    found, empty = page(links["next"])
    assert (found, empty["next"]) == ([], None)
    assert page(empty["prev"])[0] == ids[2:4]


@pytest.mark.parametrize("settings", [HubSettings(page_maximum=2)])
def test_default_is_at_most_the_maximum(ada: Desk, imodel: str) -> None:
    """Without $top, a page is no longer than permitted, so that its links are valid."""
    for _ in range(3):
        ada.briefcase(imodel)
    assert [len(page) for page in walk(ada, f"/imodels/{imodel}/briefcases", "briefcases")] == [2, 1]


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    "order", ["name", "name desc", "createdDateTime desc,name", "name desc,createdDateTime", "createdDateTime"]
)
def test_tokens_keep_the_order(ada: Desk, itwin: str, order: str) -> None:
    """Sorted lists keep their order over all pages, also for equal values."""
    ada.hub.clock.stop()
    for name in "bdacfe":
        ada.imodel(itwin, name)
        if name in "ac":
            ada.wait(1)
    whole = [item["id"] for item in ada.get(iTwinId=itwin, _orderBy=order).json()["iModels"]]
    pages = ada.follow(ada.get(iTwinId=itwin, _orderBy=order, _continuationToken="", _top=2), "iModels")
    assert [item["id"] for item in pages] == whole
    assert len(whole) == 6


def test_favorites_by_token(ada: Desk, itwin: str) -> None:
    """Favorites have only tokens, and use them by default."""
    for number in range(3):
        ada.put("favorites", ada.imodel(itwin, f"M{number}"))
    first = ada.get("favorites", iTwinId=itwin, _top=2)
    assert "$continuationToken=" in first.json()["_links"]["self"]["href"]
    assert len(ada.follow(first, "iModels")) == 3


def token_of(response: httpx.Response) -> str:
    """Return the token in the next link."""
    address: str = response.json()["_links"]["next"]["href"]
    return parse_qs(urlsplit(address).query)["$continuationToken"][0]


def test_tokens_are_for_their_list(ada: Desk, imodel: str, briefcase: int) -> None:
    """InvalidValue, MutuallyExclusiveParametersProvided: altered or foreign tokens are rejected."""
    ada.history(imodel, briefcase, 3)
    token = token_of(ada.get(imodel, "changesets", _continuationToken="", _top=1))
    assert ada.get(imodel, "changesets", _continuationToken=token).status_code == 200
    changed = ("A" if token[5] != "A" else "B").join((token[:5], token[6:]))
    uses: list[tuple[str, dict[str, Any]]] = [
        ("changesets", {"_continuationToken": changed}),
        ("changesets", {"_continuationToken": token[:-4]}),
        ("changesets", {"_continuationToken": token, "afterIndex": 1}),
        ("changesets", {"_continuationToken": token, "_orderBy": "index desc"}),
        ("briefcases", {"_continuationToken": token}),
        ("changesets", {"_continuationToken": "ä"}),
        ("changesets", {"_continuationToken": "x" * 5000}),
    ]
    for path, params in uses:
        assert details_of(ada.get(imodel, path, **params)) == [("InvalidValue", "$continuationToken")]
    both = ada.get(imodel, "changesets", _continuationToken="", _skip=0)
    assert details_of(both) == [("MutuallyExclusiveParametersProvided", None)]


@pytest.mark.thorough(keep=5)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("$skip", "-1"),
        ("$skip", "x"),
        ("$skip", ""),
        ("$skip", "1.5"),
        ("$skip", "99999999999999999999"),
        ("$skip", "٣"),
        ("$top", "0"),
        ("$top", "-1"),
        ("$top", "1001"),
        ("$top", "all"),
        ("$top", ""),
    ],
)
def test_bad_values(ada: Desk, imodel: str, name: str, value: str) -> None:
    """InvalidValue: values that are not numbers within bounds, on every paged list."""
    for operation, (path, _) in LISTS.items():
        base, _, query = path.partition("?")
        params = dict(pair.split("=") for pair in query.split("&") if pair)
        response = ada.call("GET", imodel, base, params={**params, name: value})
        assert details_of(response) == [("InvalidValue", name)], operation


def test_skip_beyond_the_end(ada: Desk, imodel: str, briefcase: int) -> None:
    """A page beyond the end is empty and leads back."""
    assert briefcase
    page = ada.get(imodel, "briefcases", _skip=2**63 - 1, _top=1000).json()
    assert page["briefcases"] == []
    assert page["_links"]["next"] is None
    assert page["_links"]["prev"] is not None
    assert error_of(ada.get(imodel, "briefcases", _skip=2**63))[0] == 422
