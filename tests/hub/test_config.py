"""A TOML file configures settings and users; errors have the file and the place."""

from datetime import timedelta
from pathlib import Path

import attrs
import httpx
import pytest
from typer.testing import CliRunner

from itwin_imodels.cli.app import app
from itwin_imodels_hub import (
    AzureStorage,
    Clock,
    ConfigError,
    HubConfig,
    HubSettings,
    Ids,
    LocalHub,
    NewUser,
    SeedITwin,
    SeedMember,
    SeedRole,
    read_config,
)

DEFAULT = HubConfig()
USER = 'name = "lin"\ngiven_name = "Lin"\nsurname = "Berg"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the file."""
    return tmp_path / "hub.toml"


def test_an_empty_file(path: Path) -> None:
    """It has no effect."""
    path.write_text("")
    assert read_config(path) == DEFAULT
    path.write_text("users = []\n[settings]")
    assert read_config(path) == DEFAULT
    assert [user.name for user in DEFAULT.users] == ["ada", "grace"]


def test_settings(path: Path) -> None:
    """Numbers, booleans and strings are those of TOML, times are in seconds, and paths are relative to the file."""
    path.write_text(
        """
        [settings]
        briefcases_per_minute = 5
        briefcases_total = 0
        job_delay = 1.5
        link_lifetime = 60
        storage_type = "google"
        storage_account = "my-account"
        durable = false
        empty_imodel_file = "empty.bim"
        """
    )
    assert read_config(path).settings == HubSettings(
        briefcases_per_minute=5,
        briefcases_total=0,
        job_delay=timedelta(seconds=1.5),
        link_lifetime=timedelta(minutes=1),
        storage_type="google",
        storage_account="my-account",
        durable=False,
        empty_imodel_file=path.parent / "empty.bim",
    )


def test_storage(path: Path) -> None:
    """By default, files are in the folder of the hub."""
    path.write_text('[storage]\nkind = "folder"')
    assert read_config(path).storage is None
    path.write_text('[storage]\nkind = "azure"')
    assert read_config(path).storage == AzureStorage()
    path.write_text('[storage]\nkind = "azure"\ncontainers = "bridges"')
    assert read_config(path).storage == AzureStorage(containers="bridges")


def test_every_setting_can_be_given(path: Path) -> None:
    """Each setting accepts its own default in TOML."""
    lines = []
    for name, value in attrs.asdict(HubSettings()).items():
        written = value.total_seconds() if isinstance(value, timedelta) else value
        lines.append(f"{name} = {str(written).lower() if isinstance(written, bool) else repr(written or '')}")
    path.write_text("[settings]\n" + "\n".join(line for line in lines if not line.endswith("''")))
    assert len(lines) > 20
    assert read_config(path).settings == HubSettings()


def test_users(path: Path) -> None:
    """Users replace the default ones; omitted properties have defaults."""
    path.write_text(
        f"""
        [[users]]
        {USER}
        permissions = ["imodels_webview", "imodels_read"]

        [[users]]
        name = "bo"
        given_name = "Bo"
        surname = "Ek"
        email = "bo@example.com"
        application_name = "Bo's"
        organization_administrator = true
        """
    )
    read = frozenset({"imodels_webview", "imodels_read"})
    lin = NewUser(name="lin", given_name="Lin", surname="Berg", permissions=read)
    more = {"email": "bo@example.com", "application_name": "Bo's", "organization_administrator": True}
    config = read_config(path)
    assert config.users == [lin, NewUser(name="bo", given_name="Bo", surname="Ek", **more)]
    assert config.settings == HubSettings()
    hub = LocalHub(users=config.users)
    assert list(hub.tokens) == ["bo", "lin"]
    hub.stop()


def test_itwins(path: Path) -> None:
    """A new hub has the iTwins of the file, with roles and members; the first is its default one."""
    path.write_text(
        f"""
        [[users]]
        {USER}
        permissions = []

        [[itwins]]
        name = "Bridges"
        creator = "lin"
        roles = [{{ name = "Reader", permissions = ["imodels_read"] }}]
        members = [{{ user = "lin", roles = ["Reader"] }}]

        [[itwins]]
        name = "Tunnels"
        """
    )
    config = read_config(path)
    reader = SeedRole(name="Reader", permissions=["imodels_read"])
    lin = SeedMember(user="lin", roles=["Reader"])
    bridges = SeedITwin(name="Bridges", creator="lin", roles=[reader], members=[lin])
    assert config.itwins == (bridges, SeedITwin(name="Tunnels"))
    with LocalHub(users=config.users, itwins=config.itwins) as hub:
        headers = {"Authorization": f"Bearer {hub.token()}"}
        listed = httpx.get(f"{hub.url}/itwins", headers=headers, timeout=120).json()["iTwins"]
        assert [(each["id"], each["displayName"]) for each in listed] == [(hub.itwin_id, "Bridges")]
        address = f"{hub.url}/accesscontrol/itwins/{hub.itwin_id}/members/users"
        (member,) = httpx.get(address, headers=headers, timeout=120).json()["members"]
        assert [role["displayName"] for role in member["roles"]] == ["Reader"]
        before, itwin = hub.itwin_id, hub.control.reset()
        assert itwin == hub.itwin_id != before
        (again,) = httpx.get(address.replace(before, itwin), headers=headers, timeout=120).json()["members"]
        assert [role["displayName"] for role in again["roles"]] == ["Reader"]


@pytest.mark.parametrize("seed", "abcd")
def test_the_first_itwin_is_the_first_configured_one(seed: str) -> None:
    """Even if the clock is stopped, so that all iTwins are created at the same time, and ids are random."""
    names = ("One", "Two", "Three")
    itwins = [SeedITwin(name=name) for name in names]
    with LocalHub(clock=Clock(running=False), ids=Ids(seed), itwins=itwins) as hub:
        headers = {"Authorization": f"Bearer {hub.token()}"}
        listed = httpx.get(f"{hub.url}/itwins", headers=headers, timeout=120).json()["iTwins"]
        assert [each["displayName"] for each in listed] == list(names)
        assert hub.itwin_id == listed[0]["id"]
        body = {"displayName": "new", "class": "Endeavor", "subClass": "Project"}
        added = httpx.post(f"{hub.url}/itwins", json=body, headers=headers, timeout=120).json()["iTwin"]
        listed = httpx.get(f"{hub.url}/itwins", headers=headers, timeout=120).json()["iTwins"]
        assert (hub.itwin_id, added["id"]) == (listed[0]["id"], listed[-1]["id"])


def test_itwins_after_a_reset_on_the_command_line(path: Path, tmp_path: Path) -> None:
    """A reset with the configuration prints the id of its first iTwin, which has its members again."""
    path.write_text(f'[[users]]\n{USER}\npermissions = []\n[[itwins]]\nname = "Bridges"\ncreator = "lin"\n')
    folder, config = tmp_path / "hub", read_config(path)
    LocalHub(folder, users=config.users, itwins=config.itwins).stop()
    done = CliRunner().invoke(app, ["hub", "reset", "--data-dir", str(folder), "--config", str(path), "--yes"])
    assert done.exit_code == 0, done.output
    with LocalHub(folder, users=config.users, itwins=config.itwins) as hub:
        assert done.output.strip() == hub.itwin_id
        headers = {"Authorization": f"Bearer {hub.token()}"}
        (itwin,) = httpx.get(f"{hub.url}/itwins", headers=headers, timeout=120).json()["iTwins"]
        assert (itwin["id"], itwin["displayName"]) == (hub.itwin_id, "Bridges")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[settings", "not valid TOML: "),
        ("[itwins]", "itwins: expected tables [[itwins]]"),
        ("[[itwins]]", "itwins[0]: name is missing"),
        ('[[itwins]]\nname = "A"\nroles = [{}]', "itwins[0].roles[0]: name is missing"),
        (
            '[[itwins]]\nname = "A"\nmembers = [{ user = "x", permissions = ["all"] }]',
            "itwins[0].members[0]: unknown permissions all; known: imodels_webview, ",
        ),
        ("[setting]", "unknown table setting; known: itwins, settings, storage, users and webhooks"),
        ("settings = 5", "settings: "),
        ("[[settings]]", "settings: "),
        ("[settings]\nlocks = 5", "settings: unknown locks; expected page_default, "),
        ('[settings]\npage_maximum = "5"', "settings.page_maximum: '5'"),
        ("[settings]\npage_maximum = 5.0", "settings.page_maximum: 5.0"),
        ("[settings]\npage_maximum = true", "settings.page_maximum: True"),
        ("[settings]\npage_maximum = 0", "settings: 'page_maximum' must be >= 1: 0"),
        ("[settings]\nindex_step = 0", "settings: 'index_step' must be >= 1: 0"),
        ("[settings]\nrecents = -1", "settings.recents: must not be negative, got -1"),
        ("[settings]\ndurable = 1", "settings.durable: 1"),
        ('[settings]\nstorage_type = "ftp"', "settings.storage_type: 'ftp'"),
        ('[settings]\nstorage_account = "A!"', "settings: storage_account: 'A!'"),
        (
            '[settings]\njob_delay = "1"',
            "settings.job_delay: expected a number of seconds from 0 to 3153600000, got '1'",
        ),
        (
            "[settings]\njob_delay = true",
            "settings.job_delay: expected a number of seconds from 0 to 3153600000, got True",
        ),
        (
            "[settings]\njob_delay = -1",
            "settings.job_delay: expected a number of seconds from 0 to 3153600000, got -1",
        ),
        (
            "[settings]\njob_delay = inf",
            "settings.job_delay: expected a number of seconds from 0 to 3153600000, got inf",
        ),
        (
            "[settings]\njob_delay = nan",
            "settings.job_delay: expected a number of seconds from 0 to 3153600000, got nan",
        ),
        (
            "[settings]\njob_delay = 1e300",
            "settings.job_delay: expected a number of seconds from 0 to 3153600000, got 1e+300",
        ),
        (
            "[settings]\njob_delay = 12:00:00",
            "settings.job_delay: expected a number of seconds from 0 to 3153600000, got ",
        ),
        ("[settings]\nempty_imodel_file = 5", "settings.empty_imodel_file: 5"),
        ("[settings]\nempty_imodel_file = true", "settings.empty_imodel_file: True"),
        ("[settings.page_default]", "settings.page_default: {}"),
        ("storage = 5", "storage: expected a table"),
        ('[storage]\nkind = "google"', "storage.kind: 'google' must be one of folder, azure"),
        ('[storage]\ncontainers = "a"', "storage: containers applies only to kind azure"),
        ('[storage]\nkind = "azure"\ncontainers = "A"', "storage: containers: 'A' must be 1 to 19 lower-case letters"),
        ('[storage]\nkind = "azure"\ncontainers = 5', "storage.containers: 5"),
        ('[storage]\nkind = "azure"\naccount = "a"', "storage: unknown account; expected containers"),
        (
            '[storage]\nkind = "azure"\nconnection_string = "a"',
            "storage.connection_string: the connection string is a secret; set it",
        ),
        ("users = 5", "users: expected tables [[users]]"),
        (f"[users]\n{USER}", "users: expected tables [[users]]"),
        ("users = [5]", "users[0]: 5 is not a table"),
        (f'[[users]]\n{USER}[[users]]\nname = "bo"', "users[1]: given_name, surname are missing"),
        (f"[[users]]\n{USER}age = 5", "users[0]: unknown age; expected name, "),
        ('[[users]]\nname = 5\ngiven_name = "Lin"\nsurname = "Berg"', "users[0].name: 5"),
        (f'[[users]]\n{USER}permissions = "imodels_read"', "users[0].permissions: 'imodels_read'"),
        (f"[[users]]\n{USER}permissions = [[]]", "users[0].permissions: [[]]"),
        (f'[[users]]\n{USER}permissions = ["all"]', "users[0]: unknown permissions all; known: imodels_delete, "),
        (f"[[users]]\n{USER}organization_administrator = 1", "users[0].organization_administrator: 1"),
        (f"[[users]]\n{USER}[[users]]\n{USER}", "users[1]: the name lin"),
        (f"[[users]]\n{USER}[[users]]\n{USER.replace('lin', 'other')}", "or the address lin.berg@example.com"),
    ],
)
def test_what_is_wrong_is_reported(path: Path, text: str, complaint: str) -> None:
    """The message is one line with the file and the place."""
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        read_config(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    assert complaint in message
    assert "\n" not in message


def test_a_file_in_another_encoding(path: Path) -> None:
    """A file that is not UTF-8 is not valid TOML."""
    path.write_bytes(b'[settings]\nstorage_account = "\xe4"')
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_config(path)


def test_a_file_that_is_not_there(path: Path) -> None:
    """The system's error names it."""
    with pytest.raises(FileNotFoundError, match=r"hub\.toml"):
        read_config(path)
