"""Names of files in Azure, and the selection of the account; nothing is sent."""

import logging
import re
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels_hub import AzureStorage, AzureStorageError, LocalHub
from itwin_imodels_hub.blobs.azure_account.account import Account
from itwin_imodels_hub.blobs.azure_account.links import AzureBlobLinks
from itwin_imodels_hub.blobs.azure_account.places import LONGEST_PREFIX, Containers, Place

KEY = b64encode(b"the key of an account").decode()
IMODEL = "imodel-5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
HOUR = timedelta(hours=1)
VARIABLES = ("IMODELS_HUB_AZURE_CONNECTION_STRING", "AZURE_STORAGE_CONNECTION_STRING")

CONTAINER_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
"""What Azure takes."""

prefixes = st.sampled_from(["hub", "hub-2", "hub-uploads", "h", "hub-imodel", "a-b-c", "x" * LONGEST_PREFIX])
folders = st.integers(0, 3).map(lambda number: f"imodel-{UUID(int=number)}")
segments = st.sampled_from(["uploads", "uploads2", "upload", "a", "ab", "a b", "ü", "~", "%41", "1.cs", "changesets"])
names = st.builds(lambda folder, rest: "/".join([folder, *rest]), folders, st.lists(segments, min_size=1, max_size=4))


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the account from the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


# Names.


@given(prefixes, names)
def test_a_name_has_one_place_and_comes_back(prefix: str, name: str) -> None:
    """The container has a valid name."""
    containers = Containers(prefix)
    place = containers.place(name)
    assert CONTAINER_NAME.fullmatch(place.container)
    assert containers.name(place) == name


@given(prefixes, st.lists(names, max_size=8), st.data())
def test_what_begins_with_a_prefix_is_found_where_it_is_looked_for(
    prefix: str, present: list[str], data: st.DataObject
) -> None:
    """Whatever the prefix cuts through."""
    containers = Containers(prefix)
    whole = data.draw(st.sampled_from(present)) if present else "imodel-"
    begin = whole[: data.draw(st.integers(0, len(whole)))]
    heads = sorted({name.partition("/")[0] for name in present})
    places = [containers.place(name) for name in present]
    found = {
        containers.name(place)
        for searched in containers.places_to_search(begin, heads)
        for place in places
        if place.container == searched.container and place.blob.startswith(searched.blob)
    }
    assert found == {name for name in present if name.startswith(begin)}


@given(prefixes, prefixes, names)
def test_hubs_with_other_prefixes_do_not_meet(one: str, other: str, name: str) -> None:
    """This includes a prefix that starts with the other one."""
    if one != other:
        assert Containers(one).name(Containers(other).place(name)) is None


def test_uploads_are_apart() -> None:
    """Read access to the container of an iModel does not include unconfirmed files."""
    containers = Containers("hub")
    assert containers.place(f"{IMODEL}/uploads/changesets/1.cs") == Place("hub-uploads", f"{IMODEL}/changesets/1.cs")
    assert containers.place(f"{IMODEL}/changesets/1.cs") == Place(f"hub-{IMODEL}", "changesets/1.cs")


@pytest.mark.parametrize("name", ["", "a", IMODEL, "a/b", f"{IMODEL}x/b", f"{IMODEL}//b", "imodel-1/b", f"{IMODEL}/.."])
def test_names_that_no_file_has(name: str) -> None:
    """They are rejected before anything is sent."""
    with pytest.raises(ValueError, match="name"):
        Containers("hub").place(name)


@pytest.mark.parametrize("prefix", ["", "Hub", "-hub", "hub-", "a--b", "ä", "a_b", "x" * (LONGEST_PREFIX + 1)])
def test_beginnings_that_azure_does_not_take(prefix: str) -> None:
    """They are rejected when they are set."""
    with pytest.raises(ValueError, match="containers: "):
        AzureStorage(containers=prefix)
    assert len(Containers("x" * LONGEST_PREFIX).of(f"imodel-{UUID(int=0)}")) == 63


# Links.

FORMS = [
    (
        f"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={KEY};EndpointSuffix=core.windows.net",
        "https://acct.blob.core.windows.net",
        "acct",
    ),
    (f"AccountName=acct;AccountKey={KEY}", "https://acct.blob.core.windows.net", "acct"),
    (
        f"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn;",
        "https://acct.blob.core.chinacloudapi.cn",
        "acct",
    ),
    (
        f"BlobEndpoint=https://files.example.com/;AccountName=acct;AccountKey={KEY}",
        "https://files.example.com",
        "acct",
    ),
    (
        f"AccountName=devstoreaccount1;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;",
        "http://127.0.0.1:10000/devstoreaccount1",
        "devstoreaccount1",
    ),
    ("UseDevelopmentStorage=true", "http://127.0.0.1:10000/devstoreaccount1", "devstoreaccount1"),
]


@pytest.mark.parametrize(
    ("connection_string", "url", "name"), FORMS, ids=["portal", "short", "cloud", "own", "emulator", "well-known"]
)
def test_links(connection_string: str, url: str, name: str) -> None:
    """They lead to the account by its own address, allow what they shall, and end in time."""
    account = Account.of(connection_string)
    links = AzureBlobLinks(account, Containers("hub"))
    with account.service:
        upload = links.blob("http://hub/storage", f"{IMODEL}/uploads/changesets/a b.cs", "rcw", HOUR)
        download = links.download("http://hub/storage", f"{IMODEL}/changesets/a b.cs", HOUR)
        directory = links.directory("http://hub/storage", f"{IMODEL}/checkpoints/7/", HOUR)
    assert upload.startswith(f"{url}/hub-uploads/{IMODEL}/changesets/a%20b.cs?")
    assert download.startswith(f"{url}/hub-{IMODEL}/changesets/a%20b.cs?")
    assert (directory.base_url, directory.account) == (url, name)
    assert directory.base_directory == f"hub-{IMODEL}/checkpoints/7"
    for query, permissions, resource in (
        (urlsplit(upload).query, "rcw", "b"),
        (urlsplit(download).query, "r", "b"),
        (directory.token, "rl", "c"),
    ):
        fields = {key: value for key, (value,) in parse_qs(query).items()}
        assert (fields["sp"], fields["sr"]) == (permissions, resource)
        assert fields.get("spr") == ("https" if url.startswith("https") else None)
        left = datetime.fromisoformat(fields["se"]) - datetime.now(UTC)
        assert timedelta(minutes=59) < left <= HOUR
        assert KEY not in query


def test_no_two_links_are_the_same() -> None:
    """Links to one blob differ, also within a second, and all are valid immediately."""
    account = Account.of(FORMS[0][0])
    links = AzureBlobLinks(account, Containers("hub"))
    with account.service:
        made = [links.download("", f"{IMODEL}/changesets/1.cs", HOUR) for _ in range(50)]
        tokens = [links.directory("", f"{IMODEL}/checkpoints/", HOUR).token for _ in range(50)]
    assert (len(set(made)), len(set(tokens))) == (50, 50)
    for query in (*(urlsplit(link).query for link in made), *tokens):
        assert datetime.fromisoformat(parse_qs(query)["st"][0]) < datetime.now(UTC)


# Which account.


@pytest.mark.parametrize(
    ("connection_string", "complaint"),
    [
        ("nonsense", "is invalid"),
        ("A=B", "is invalid"),
        (f"AccountKey={KEY}", "is invalid"),
        ("AccountName=acct", "no AccountName or AccountKey"),
        ("BlobEndpoint=https://a.example.com;SharedAccessSignature=sv=1&sig=secret", "no AccountName or AccountKey"),
        (f"BlobEndpoint=https://files.example.com;AccountKey={KEY}", "no AccountName or AccountKey"),
    ],
)
def test_connection_strings_that_do_not_do(connection_string: str, complaint: str) -> None:
    """The error says what to change and contains no part of the string."""
    with pytest.raises(AzureStorageError, match=complaint) as caught:
        LocalHub(storage=AzureStorage(connection_string=connection_string))
    assert not [secret for secret in (KEY, "secret") if secret in str(caught.value)]


def test_the_environment_names_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's own variable takes precedence over the customary one; without either, the error names both."""
    with pytest.raises(AzureStorageError, match=f"{VARIABLES[0]} or {VARIABLES[1]}"):
        LocalHub(storage=AzureStorage())
    monkeypatch.setenv(VARIABLES[1], "AccountName=acct")
    with pytest.raises(AzureStorageError, match="no AccountName"):
        LocalHub(storage=AzureStorage())
    monkeypatch.setenv(VARIABLES[0], "nonsense")
    with pytest.raises(AzureStorageError, match="is invalid"):
        LocalHub(storage=AzureStorage())


def test_nothing_shows_the_key() -> None:
    """Neither the settings nor the account show it."""
    connection_string = FORMS[0][0]
    account = Account.of(connection_string)
    with account.service:
        shown = f"{AzureStorage(connection_string=connection_string)!r} {account!r}"
    assert KEY not in shown


def test_without_the_extra() -> None:
    """The error names the extra; files in the folder do not need it."""
    program = (
        "import sys; sys.modules['azure.storage.blob'] = None\n"
        "from itwin_imodels_hub import AzureStorage, AzureStorageError, LocalHub\n"
        "LocalHub().hub.close()\n"
        "try: LocalHub(storage=AzureStorage(connection_string='AccountName=a;AccountKey=b'))\n"
        "except AzureStorageError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=240)
    assert (
        done.stdout.strip() == "storage in Azure requires the extra 'hub-azure': pip install 'itwin-imodels[hub-azure]'"
    )


def test_an_account_that_cannot_be_reached(caplog: pytest.LogCaptureFixture) -> None:
    """The error names account and address; neither it nor a log has the key."""
    caplog.set_level(logging.DEBUG)
    connection_string = f"AccountName=acct;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:9/acct"
    with pytest.raises(RuntimeError, match=r"cannot reach Azure account acct at http://127.0.0.1:9/acct") as caught:
        LocalHub(storage=AzureStorage(connection_string=connection_string))
    assert KEY not in f"{caught.value} {caplog.text}"
    assert caught.value.__cause__ is None
