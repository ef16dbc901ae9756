"""The hub's page as plain HTML: its content, without secrets."""

import re
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from itwin_imodels_hub import Clock, Fault, HubSettings, LocalHub, SeedIModel, SeedNamedVersion
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.identity import DEFAULT_USERS
from itwin_imodels_hub.serving.app import Site
from tests.hub.helpers.desk import Desk
from tests.hub.helpers.history import long_history
from tests.hub.helpers.serving import served

TLS = ssl.create_default_context()  # made once: that takes longer than a request
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "שלום \u202eevil",
    "🏗️👷🏽‍♀️ é\u0301",
    "x" * 255,
)


@pytest.fixture
def place() -> Iterator[LocalHub]:
    """Run a separate hub for each test."""
    with LocalHub(clock=Clock(datetime(2031, 5, 6, 7, 8, tzinfo=UTC), running=False), control=True) as hub:
        yield hub


@pytest.fixture
def desk(place: LocalHub) -> Iterator[Desk]:
    """Call its API as its first user."""
    with httpx.Client(verify=TLS, base_url=place.url, headers={"Authorization": f"Bearer {place.token()}"}) as client:
        yield Desk(place.hub, client)


def send(method: str, url: str, **options: Any) -> httpx.Response:
    """Send a request."""
    return httpx.request(method.upper(), url, verify=TLS, timeout=60, **options)


def read(place: LocalHub, path: str = "/", **params: object) -> str:
    """Read a page."""
    response = send("get", f"{place.url}{path}", params={name: str(value) for name, value in params.items()} or None)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def section(html: str, name: str) -> str:
    """Cut a section out of a page."""
    (found,) = re.findall(rf'<section id="{name}".*?</section>', html, re.DOTALL)
    return str(found)


def words(html: str) -> str:
    """Return what a reader sees."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))).strip()


def rows(html: str) -> list[str]:
    """Return the words of each row of a section's table."""
    return [words(row) for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)[1:]]


def link(html: str, label: str) -> str:
    """Return where a link leads."""
    (found,) = re.findall(rf'<a [^>]*href="([^"]*)"[^>]*>{label}</a>', html)
    return unescape(found).partition("#")[0]


def test_the_first_page(place: LocalHub, desk: Desk) -> None:
    """It lists iModels with what they have, the last requests and the faults."""
    imodel = desk.imodel(place.itwin_id, "Bridge", description="North of the river")
    briefcase = desk.briefcase(imodel)
    newest = desk.history(imodel, briefcase, 2)[-1]
    assert desk.lock(imodel, briefcase, newest, exclusive=["0x1", "0x2"], shared=["0x3"]).status_code == 200
    place.control.faults.add(Fault(path="/locks$", action="cut", cut_at=100, delay=0.5, times=3, skip=2, method="GET"))
    html = read(place)
    (row,) = rows(section(html, "imodels"))
    assert row == ("Bridge North of the river in Local iTwin Initialized 2 just now 6 May 2031, 07:08 UTC 3 1 1")
    assert f'href="/hub/imodels/{imodel}"' in html
    assert '<time datetime="2031-05-06T07:08:00.000Z"' in html
    requests = rows(section(html, "requests"))
    assert requests[0].startswith(f"PATCH /imodels/{imodel}/locks 200 ")
    assert requests[-1].startswith("POST /imodels 201 ")
    (fault,) = rows(section(html, "faults"))
    assert fault == "GET /locks$ waits 500 ms, then cuts the response after 100 bytes 3 2"


def test_why_a_checkpoint_failed(place: LocalHub, desk: Desk) -> None:
    """It names the changeset that cannot be applied."""
    imodel = desk.imodel(place.itwin_id, "Bridge")
    pushed = desk.push(imodel, desk.briefcase(imodel))
    assert desk.post(imodel, "namedversions", name="As built", changesetId=pushed).status_code == 201
    place.control.advance(timedelta(minutes=1))
    failed, baseline = rows(section(read(place, f"/hub/imodels/{imodel}"), "checkpoints"))
    assert failed.startswith(f"1 Failed changeset {pushed}")
    assert baseline.startswith("Baseline Successful one file, and blocks")


def test_the_page_of_an_imodel(place: LocalHub, desk: Desk) -> None:
    """It has the whole of it: timeline, changesets, versions, checkpoints, briefcases, locks, groups."""
    imodel = desk.imodel(place.itwin_id, "Bridge")
    briefcase = int(desk.post(imodel, "briefcases", deviceName="ci-7").json()["briefcase"]["briefcaseId"])
    group = desk.post(imodel, "changesetgroups", description="Nightly").json()["changesetGroup"]["id"]
    first = desk.push(imodel, briefcase, description="Piers", groupId=group)
    place.control.advance(timedelta(hours=30))
    second = desk.push(imodel, briefcase, first)
    assert desk.post(imodel, "namedversions", name="As built", changesetId=second).status_code == 201
    desk.lock(imodel, briefcase, second, exclusive=["0x1", "0x2"], shared=["0x3"])
    waiting = desk.announce(imodel, briefcase, second)
    html = read(place, f"/hub/imodels/{imodel}")
    author = f"{DEFAULT_USERS[0].given_name} {DEFAULT_USERS[0].surname}"
    assert '<h1 id="summary-title"><bdi>Bridge</bdi></h1>' in html
    changesets = section(html, "changesets")
    assert "Push in progress" in words(changesets)
    assert waiting["id"] not in html
    newest, oldest = rows(changesets)
    assert newest.startswith(f"2 no description As built {second} {author} just now 7 May 2031, 13:08 UTC")
    assert oldest.startswith(f"1 Piers {first} {author} 1 day ago 6 May 2031, 07:08 UTC")
    assert rows(section(html, "versions")) == [f"As built 2 Visible just now 7 May 2031, 13:08 UTC by {author}"]
    assert [row.partition(" ")[0] for row in rows(section(html, "checkpoints"))] == ["2", "Baseline"]
    (held,) = rows(section(html, "briefcases"))
    assert re.fullmatch(rf"{briefcase} {author} ci-7 .*1 day ago 6 May 2031, 07:08 UTC 2 1", held)
    locks = section(html, "locks")
    assert "2 exclusive, 1 shared" in words(locks)
    assert rows(locks)[0] == f"0x3 Shared {briefcase} {author} ci-7"
    assert rows(section(html, "groups"))[0].startswith(f"Nightly {group} Timed out 1 1 day ago ")


def test_the_timeline(place: LocalHub, desk: Desk) -> None:
    """The picture has a name, words and a table with the same figures, and counts each push once."""
    imodel = desk.imodel(place.itwin_id)
    headers = {"Authorization": f"Bearer {place.token('grace')}"}
    grace = Desk(place.hub, httpx.Client(verify=TLS, base_url=place.url, headers=headers))
    briefcases = [desk.briefcase(imodel), grace.briefcase(imodel)]
    parent = ""
    for number in range(7):
        who = (desk, grace)[number % 3 == 0]
        parent = who.push(imodel, briefcases[number % 3 == 0], parent)
        place.control.advance(timedelta(days=3))
    desk.post(imodel, "namedversions", name="Newest", changesetId=parent)
    grace.client.close()
    timeline = section(read(place, f"/hub/imodels/{imodel}"), "timeline")
    assert '<title id="timeline-name">Pushes over time, by author</title>' in timeline
    (description,) = re.findall(r'<desc id="timeline-words">(.*?)</desc>', timeline)
    assert description.startswith("7 pushes, ")
    names = {user.name: f"{user.given_name} {user.surname}" for user in DEFAULT_USERS}
    assert f"{names['ada']}: 4. {names['grace']}: 3." in description
    (table,) = re.findall(r"<table>.*</table>", timeline, re.DOTALL)
    figures = [[int(each) for each in re.findall(r'<td class="figure">(\d+)</td>', row)] for row in table.split("<tr")]
    assert [sum(column) for column in zip(*filter(None, figures), strict=True)] == [4, 3, 7]
    segments = sum(figure > 0 for row in figures for figure in row[:-1])
    assert len(re.findall(r'<rect class="author-[0-7]" x=', timeline)) == segments
    assert "<title>Named Version Newest</title>" in timeline


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_only_words(place: LocalHub, name: str) -> None:
    """Any name is shown literally and has no effect."""
    seed = SeedIModel(name=name, description=name, named_versions=[SeedNamedVersion(name=name, description=name)])
    imodel = place.control.create_imodel(seed)
    for html in (read(place), read(place, f"/hub/imodels/{imodel}"), read(place, search=name)):
        assert name in unescape(html)
        assert html.count("<script") == 1
        assert "<img src=x" not in html


def test_search_and_pages(place: LocalHub) -> None:
    """Many iModels are listed in pages, by activity or by name, and found by a part of their name in any case."""
    for number in range(45):
        place.control.create_imodel(SeedIModel(name=f"Model {number:02}"))
        place.control.advance(timedelta(minutes=1))
    html = read(place)
    seen = []
    while True:
        seen += [row.split(" in ")[0] for row in rows(section(html, "imodels"))]
        if ">Next<" not in html:
            break
        html = read(place, link(html, "Next"))
    assert seen == [f"Model {number:02}" for number in reversed(range(45))]
    assert "Page 3 of 3" in html
    by_name = rows(section(read(place, sort="name", page=2), "imodels"))
    assert by_name[0].startswith("Model 20 ")
    found = section(read(place, search="mOdEl 07"), "imodels")
    assert [row.split(" in ")[0] for row in rows(found)] == ["Model 07"]
    assert "Page 3 of 3" in read(place, page=99)
    nothing = read(place, search="50%_")
    assert "No iModel contains “50%_”" in unescape(re.sub(r"</?bdi>", "", nothing))
    assert 'value="50%_"' in nothing


def test_itwins(place: LocalHub, desk: Desk) -> None:
    """Each iTwin is named with the number of its iModels, and leads to them."""
    place.control.advance(timedelta(seconds=1))  # so that the hub's own iTwin is the first
    other = desk.itwin("Other")
    desk.imodel(other, "There")
    desk.imodel(place.itwin_id, "Here")
    html = read(place)
    assert re.findall(r"(Other|Local iTwin) (\d) iModel", words(section(html, "itwins"))) == [
        ("Local iTwin", "1"),
        ("Other", "1"),
    ]
    there = read(place, itwin=other)
    assert [row.split()[0] for row in rows(section(there, "imodels"))] == ["There"]
    assert other in words(section(there, "itwins"))


def test_changesets_in_pages(place: LocalHub) -> None:
    """Older and newer changesets are linked; an invalid index counts as missing."""
    imodel = long_history(place, pushes=35, held=0)
    path = f"/hub/imodels/{imodel}"
    indexes = []
    html = read(place, path)
    while True:
        indexes += [int(row.split()[0]) for row in rows(section(html, "changesets"))]
        if ">Older<" not in html:
            break
        html = read(place, link(html, "Older"))
    assert indexes == list(range(35, 0, -1))
    back = read(place, link(html, "Newer"))
    assert rows(section(back, "changesets"))[0].startswith("20 ")
    assert ">Newer<" not in read(place, link(html, "Newest"))
    assert read(place, path, changesets="x'y") == read(place, path)
    assert "No changesets up to this index" in read(place, path, changesets=0)


def test_locks_in_pages(place: LocalHub, desk: Desk) -> None:
    """All locks are listed, or those of one briefcase."""
    imodel = desk.imodel(place.itwin_id)
    one, two = desk.briefcase(imodel), desk.briefcase(imodel)
    desk.lock(imodel, one, exclusive=[hex(number) for number in range(1, 31)])
    desk.lock(imodel, two, exclusive=["0xff"])
    path = f"/hub/imodels/{imodel}"
    assert "Page 1 of 2" in section(read(place, path), "locks")
    assert len(rows(section(read(place, path, locks=2), "locks"))) == 11
    (lock,) = rows(section(read(place, path, briefcase=two), "locks"))
    assert lock.startswith("0xff Exclusive ")
    assert "holds no locks" in section(read(place, path, briefcase=77), "locks")


def test_it_says_what_to_do_next(place: LocalHub) -> None:
    """An empty hub and an empty iModel show the next step, with a command that has their URL or id."""
    html = words(read(place))
    assert f"export IMODELS_BASE_URL={place.base_url} " in html
    assert "imodels imodel create Bridge" in html
    assert "No requests yet" in html
    imodel = place.control.create_imodel(SeedIModel(name="Empty"))
    html = words(read(place, f"/hub/imodels/{imodel}"))
    for command in ("changeset push", "version create", "briefcase acquire", "lock acquire", "group create"):
        assert f"imodels {command} {imodel}" in html


def test_no_secrets(place: LocalHub, desk: Desk) -> None:
    """Neither tokens nor links nor signatures are on a page, also if they were sent."""
    imodel = desk.imodel(place.itwin_id)
    briefcase = desk.briefcase(imodel)
    desk.push(imodel, briefcase)
    href = desk.get(imodel, "changesets/1").json()["changeset"]["_links"]["download"]["href"]
    assert send("get", href).status_code == 200
    send("get", f"{place.base_url}/{imodel}", params={"access_token": "ada-token"})
    for html in (read(place), read(place, f"/hub/imodels/{imodel}")):
        assert "sig=" not in html
        assert not [token for token in place.tokens.values() if token in html]
        assert "secret" not in html


def test_it_needs_nothing_from_elsewhere(place: LocalHub) -> None:
    """Policy and headers permit the hub's own files only; all referenced files exist."""
    response = send("get", place.url)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "style=" not in response.text
    files = re.findall(r'(?:src|href)="(/hub/assets/[^"]*)"', response.text)
    assert len({file.partition("?")[0] for file in files}) == 3
    for file in files:
        answer = send("get", f"{place.url}{file}")
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)
        assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert send("get", f"{place.url}/hub/assets/none.css").status_code == 404
    assert send("get", f"{place.url}/hub/assets/..%2froutes.py").status_code == 404


def test_it_is_read_only(place: LocalHub) -> None:
    """Pages accept GET and HEAD; a missing iModel has a page that says so."""
    imodel = place.control.create_imodel(SeedIModel(name="Empty"))
    for path in ("/", "/hub/events", f"/hub/imodels/{imodel}", f"/hub/imodels/{imodel}/events"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert send(method, f"{place.url}{path}").status_code == 405
        head = send("head", f"{place.url}{path}")
        assert (head.status_code, head.content) == (200, b"")
    assert send("get", f"{place.url}/hub/").headers["location"] == "/"
    for unknown in ("6f9d1c1e-6f0e-4b6b-9b7e-0a1b2c3d4e5f", "x", "%00", "%2e%2e"):
        missing = send("get", f"{place.url}/hub/imodels/{unknown}")
        assert missing.status_code == 404
        assert "iModel not found" in missing.text
    assert send("get", f"{place.url}/hub/imodels/x/events").status_code == 404
    assert send("get", f"{place.url}/hub/nothing").json()["error"]["code"] == "ResourceNotFound"


def test_the_page_is_apart(place: LocalHub) -> None:
    """Looking at the hub leaves no trace in the log, and uses up no fault."""
    place.control.faults.add(Fault(action="answer", status=503))
    read(place)
    assert (len(place.control.log.requests), len(place.control.faults.waiting)) == (0, 1)
    assert send("get", place.base_url).status_code == 503
    assert [each.path for each in place.control.log.requests] == ["/imodels"]


def test_it_can_be_switched_off() -> None:
    """Its paths are then unknown."""
    with LocalHub(settings=HubSettings(page=False)) as hub:
        assert hub.page_url is None
        for path in ("/", "/hub/events", "/hub/assets/page.css"):
            assert send("get", f"{hub.url}{path}").status_code == 404
    with LocalHub() as hub:
        assert hub.page_url == f"{hub.url}/"


def test_without_control_there_are_no_faults() -> None:
    """If the control API is not served, the page does not mention it."""
    with LocalHub() as hub:
        html = send("get", hub.url).text
    assert '<section id="requests"' in html
    assert '<section id="faults"' not in html


def test_a_plain_application_has_it_too() -> None:
    """A hub in another server shows its data; it has no log of requests."""
    with served(Site(Hub()).application()) as address:
        html = send("get", address).text
        assert '<section id="imodels"' in html
        assert '<section id="requests"' not in html


@pytest.mark.thorough
def test_it_is_quick_with_a_long_history() -> None:
    """With 40,000 changesets and 100,000 locks, the pages are as small as usual and load quickly."""
    with LocalHub() as hub, httpx.Client(verify=TLS, base_url=hub.url) as client:
        small = long_history(hub, pushes=30, held=30)
        large = long_history(hub, pushes=40_000, held=100_000)
        assert (
            client.get(f"/hub/imodels/{large}").text.count("<tr")
            < client.get(f"/hub/imodels/{small}").text.count("<tr") + 60
        )
        for path in ("/", f"/hub/imodels/{large}", f"/hub/imodels/{large}?locks=5000&changesets=7"):
            seconds = []
            for _ in range(3):
                begin = time.process_time()  # of the hub, too
                assert client.get(path).status_code == 200
                seconds.append(time.process_time() - begin)
            assert min(seconds) < 1, (path, seconds)
