"""The command ``imodels hub serve``, as a separate process."""

import json
import os
import re
import shlex
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.hub.helpers.desk import Desk

TLS = ssl.create_default_context()  # made once: that takes longer than a request
COMMAND = Path(sys.executable).with_name("imodels")
IMODELS = [str(COMMAND)] if COMMAND.exists() else [sys.executable, "-c", "from itwin_imodels.cli import main; main()"]
SECONDS = 120

Serve = Callable[..., "Served"]


class Served:
    """A hub in another process.

    Attributes:
        process: The process.
        line: The first line of its output.
    """

    def __init__(self, *options: str | Path) -> None:
        """Start a hub and wait for its first line."""
        command = [*IMODELS, "hub", "serve", *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()

    @property
    def announcement(self) -> dict[str, Any]:
        """Return the first line of the output."""
        return dict(json.loads(self.line))

    def end(self, number: int) -> tuple[int, str, str]:
        """End the process by a signal, and return status, remaining output and messages."""
        self.process.send_signal(number)
        output, messages = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, output, messages

    def dispose(self) -> None:
        """End the process, so that it deletes its temporary folder."""
        self.process.terminate()
        self.process.communicate(timeout=SECONDS)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Yield a function that starts hubs."""
    started: list[Served] = []

    def serve_one(*options: str | Path) -> Served:
        started.append(Served(*options))
        return started[-1]

    yield serve_one
    for each in started:
        each.dispose()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """Run a hub for all tests; return its folder, too."""
    folder = tmp_path_factory.mktemp("running") / "hub"
    served = Served("--json", "--port", "0", "--data-dir", folder, "--seed", "demo")
    yield served, folder
    served.dispose()


def refused(*options: str | Path) -> str:
    """Start a hub that must fail, and return its message of one line."""
    command = [*IMODELS, "hub", "serve", *map(str, options)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("imodels hub serve: ")
    return line.removeprefix("imodels hub serve: ")


def controlled(announcement: dict[str, Any]) -> httpx.Client:
    """Return a client of the control API of a hub."""
    headers = {"Authorization": f"Bearer {announcement['control_secret']}"}
    return httpx.Client(
        base_url=f"{announcement['base_url'].removesuffix('/imodels')}/_hub", headers=headers, verify=TLS
    )


def get(url: str, token: str) -> httpx.Response:
    """Read an address as a user."""
    return httpx.get(url, headers={"Authorization": f"Bearer {token}"}, verify=TLS, timeout=120)


def test_json_and_the_end_by_interrupt(serve: Serve) -> None:
    """One line of JSON has URLs, credentials and process id once requests are accepted; Ctrl-C ends the hub."""
    served = serve("--json", "--port", "0", "--data-dir", ":memory:")
    announcement = served.announcement
    secrets = {"tokens", "application_secrets", "control_secret"}
    assert set(announcement) == {"base_url", "page_url", "itwin_id", "pid", *secrets}
    assert announcement["control_secret"] is None
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/imodels", announcement["base_url"])
    assert announcement["page_url"] == announcement["base_url"].removesuffix("imodels")
    assert "No iModels" in httpx.get(announcement["page_url"], verify=TLS).text
    assert list(announcement["tokens"]) == list(announcement["application_secrets"]) == ["ada", "grace"]
    assert announcement["pid"] == served.process.pid
    for token in announcement["tokens"].values():
        answer = get(f"{announcement['base_url']}?iTwinId={announcement['itwin_id']}", token)
        assert (answer.status_code, answer.json()["iModels"]) == (200, [])
    assert get(f"{announcement['base_url'].removesuffix('/imodels')}/_hub/time", token).status_code == 404
    status, output, messages = served.end(signal.SIGINT)
    assert (status, output) == (0, "")
    assert "Traceback" not in messages
    assert "Warning" not in messages


@pytest.mark.thorough
def test_nothing_is_kept_in_memory(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub in memory leaves no files, however it ends."""
    for name in ("TMPDIR", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for number in (signal.SIGINT, signal.SIGTERM):
        served = serve("--json", "--port", "0", "--data-dir", ":memory:", "--seed", "demo")
        assert list(tmp_path.iterdir()) != []
        status, _, messages = served.end(number)
        assert (status, "Traceback" in messages) == (0, False)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_words_for_people(serve: Serve, tmp_path: Path) -> None:
    """Without --json, the output is text with a command that works; SIGTERM ends the hub regularly."""
    served = serve("--port", "0", "--data-dir", tmp_path / "hub", "--seed", "demo", "--show-tokens")
    assert served.process.stdout is not None
    lines = [served.line, *(served.process.stdout.readline() for _ in range(7))]
    words = "".join(lines)
    assert re.match(r"base URL +http://127\.0\.0\.1:[0-9]+/imodels\n", words)
    assert ("ada-token" in words, "grace-token" in words, "Ctrl-C" in words) == (True, True, True)
    (line,) = [each for each in lines if each.startswith("sign in")]
    authority = shlex.split(line)[2].removeprefix("IMODELS_AUTHORITY=")
    assert httpx.get(f"{authority}/.well-known/openid-configuration", verify=TLS).json()["issuer"] == authority
    (page,) = re.findall(r"^page +(http://127\.0\.0\.1:[0-9]+/) ", words, re.MULTILINE)
    assert "Demo iModel" in httpx.get(page, verify=TLS).text
    (line,) = [each for each in lines if "curl" in each]
    _, curl, flag, header, url = shlex.split(line)
    assert (curl, flag) == ("curl", "-H")
    name, _, value = header.partition(": ")
    answer = httpx.get(url, headers={name: value}, verify=TLS)
    assert [each["displayName"] for each in answer.json()["iModels"]] == ["Demo iModel"]
    status, output, messages = served.end(signal.SIGTERM)
    assert (status, output) == (0, "")
    assert "Traceback" not in messages


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("option", [(), ("--hide-tokens",)])
def test_no_token_in_the_journal(serve: Serve, tmp_path: Path, option: tuple[str, ...]) -> None:
    """Without a terminal, secrets are in a file of the owner, and its path is printed; also without a folder."""
    for folder in (tmp_path / "hub", Path(":memory:")):
        served = serve("--port", "0", "--data-dir", folder, "--control", *option)
        assert served.process.stdout is not None
        lines = [served.line]
        while "Ctrl-C" not in lines[-1]:
            lines.append(served.process.stdout.readline())
            assert lines[-1], served.process.communicate()
        (line,) = [each for each in lines if each.startswith("tokens")]
        file = Path(
            line.removeprefix("tokens").strip().removeprefix("in ").removesuffix("  (--show-tokens prints them)")
        )
        assert folder in {file.parent, Path(":memory:")}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        announcement = json.loads(file.read_text())
        assert list(announcement["tokens"]) == list(announcement["application_secrets"]) == ["ada", "grace"]
        secrets = [
            *announcement["tokens"].values(),
            *announcement["application_secrets"].values(),
            announcement["control_secret"],
        ]
        (base,) = re.findall(r"http://127\.0\.0\.1:[0-9]+/imodels", lines[0])
        assert get(f"{base.removesuffix('/imodels')}/itwins", announcement["tokens"]["grace"]).status_code == 200
        assert get(f"{base.removesuffix('/imodels')}/_hub/time", announcement["control_secret"]).status_code == 200
        _, output, messages = served.end(signal.SIGTERM)
        said = "".join([*lines, output, messages])
        assert [secret for secret in secrets if secret in said] == []


@pytest.mark.thorough
def test_tokens_on_a_terminal(tmp_path: Path) -> None:
    """They are printed on a terminal."""
    controller, terminal = os.openpty()
    command = [*IMODELS, "hub", "serve", "--port", "0", "--data-dir", str(tmp_path / "hub"), "--seed", "demo"]
    with subprocess.Popen(command, stdout=terminal, stderr=subprocess.DEVNULL) as process:
        os.close(terminal)
        said = b""
        while b"Ctrl-C" not in said:
            said += os.read(controller, 4096)
        process.terminate()
    os.close(controller)
    assert b"ada-token" in said
    assert not (tmp_path / "hub" / "credentials.json").exists()


def test_a_request_under_way_is_finished(serve: Serve) -> None:
    """A response that has started when the hub is interrupted is completed."""
    served = serve("--json", "--port", "0", "--data-dir", ":memory:", "--control")
    announcement = served.announcement
    with (
        controlled(announcement) as control,
        socket.create_connection(("127.0.0.1", control.base_url.port or 0), timeout=SECONDS) as connection,
    ):
        assert control.post("faults", json={"delay": 1.0}).status_code == 201
        request = (
            f"GET /imodels?iTwinId={announcement['itwin_id']} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        )
        connection.sendall(f"{request}Authorization: Bearer {announcement['tokens']['ada']}\r\n\r\n".encode())
        while control.get("faults").json()["faults"]:
            pass
        served.process.send_signal(signal.SIGINT)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert served.process.wait(timeout=SECONDS) == 0


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("times", [1, 2])
def test_a_request_that_never_ends_is_given_up(serve: Serve, times: int) -> None:
    """An interrupted hub waits a while for it, and not at all when interrupted again; both ways it ends in peace."""
    served = serve("--json", "--port", "0", "--data-dir", ":memory:", "--control")
    with (
        controlled(served.announcement) as control,
        socket.create_connection(("127.0.0.1", control.base_url.port or 0), timeout=SECONDS) as connection,
    ):
        control.post("faults", json={"delay": 1000})
        connection.sendall(b"GET /imodels HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while control.get("faults").json()["faults"]:
            pass
        if times > 1:
            served.process.send_signal(signal.SIGINT)
            _wait_until_refused(control.base_url.port or 0)
        status, _, messages = served.end(signal.SIGINT)
    assert (status, "Traceback" in messages) == (0, False), messages


@pytest.mark.thorough
def test_whoever_looks_on_does_not_hold_it_up(serve: Serve) -> None:
    """An interrupted hub ends the event streams of the page, and itself."""
    served = serve("--json", "--port", "0", "--data-dir", ":memory:", "--seed", "demo")
    with httpx.stream("GET", f"{served.announcement['page_url']}hub/events", verify=TLS, timeout=SECONDS) as stream:
        lines = stream.iter_lines()
        while not next(lines).startswith("id: "):
            pass
        status, _, messages = served.end(signal.SIGINT)
        cut = "ASGI callable returned without completing response.\n"  # uvicorn, of a stream that ends late
        assert (status, messages.removeprefix(cut)) == (0, "stopped\n")
        assert not [line for line in lines if line.startswith("event: section")]


def _wait_until_refused(port: int) -> None:
    """Wait until a hub has begun to end, which it does by closing its door."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
        except OSError:
            return


def test_options(serve: Serve, tmp_path: Path) -> None:
    """Configuration, seed, format of links and control apply; options take precedence."""
    config, seed = tmp_path / "hub.toml", tmp_path / "seed.toml"
    config.write_text(
        '[settings]\nbriefcases_total = 1\nstorage_type = "azure"\nverify_changesets = true\n'
        '[[users]]\nname = "lin"\ngiven_name = "Lin"\nsurname = "Berg"\ntoken = "lin-token"\n'
    )
    seed.write_text('[[imodels]]\nname = "Seeded"\n')
    options = ("--config", config, "--seed", seed, "--links", "google", "--no-verify-changesets")
    control_options = ("--control", "--control-files", tmp_path)
    announcement = serve("--json", "--port", "0", "--data-dir", ":memory:", *options, *control_options).announcement
    assert announcement["tokens"] == {"lin": "lin-token"}
    with httpx.Client(
        base_url=announcement["base_url"].removesuffix("/imodels"),
        headers={"Authorization": "Bearer lin-token"},
        verify=TLS,
    ) as client:
        desk = Desk(None, client)  # type: ignore[arg-type]  # the hub is elsewhere
        (imodel,) = desk.get(iTwinId=announcement["itwin_id"]).json()["iModels"]
        assert imodel["displayName"] == "Seeded"
        baseline = desk.get(imodel["id"], "baselinefile").json()["baselineFile"]
        assert baseline["_links"]["download"]["storageType"] == "google"
        changeset = desk.announce(imodel["id"], desk.briefcase(imodel["id"]), "")  # its file does not match its id
        httpx.put(changeset["_links"]["upload"]["href"], content=changeset["content"]).raise_for_status()
        assert desk.confirm(imodel["id"], changeset).status_code == 200
        assert desk.post(imodel["id"], "briefcases").status_code == 422
        assert client.get("/_hub/time").status_code == 401
    with controlled(announcement) as control:
        assert control.get("time").status_code == 200
        (tmp_path / "whole.bim").write_bytes(b"whole")
        for baseline, status in (("whole.bim", 201), (str(config), 201), ("/etc/hostname", 400)):
            answer = control.post("imodels", json={"name": baseline, "baseline": baseline})
            assert answer.status_code == status, answer.text


@pytest.mark.thorough
def test_other_machines(serve: Serve) -> None:
    """A warning is printed if other machines can reach the hub; standard output stays one line."""
    served = serve("--json", "--port", "0", "--data-dir", ":memory:", "--host", "0.0.0.0")  # noqa: S104 - warned of
    port = httpx.URL(served.announcement["base_url"]).port
    url = f"http://127.0.0.1:{port}/imodels?iTwinId={served.announcement['itwin_id']}"
    assert get(url, served.announcement["tokens"]["ada"]).status_code == 200
    status, output, messages = served.end(signal.SIGINT)
    assert (status, output) == (0, "")
    assert messages.startswith("Warning: 0.0.0.0 is reachable from other machines")


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_this_machine(serve: Serve, host: str) -> None:
    """There is no warning for the loopback interface, by any name; its URL works."""
    if host == "::1" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    served = serve("--json", "--port", "0", "--data-dir", ":memory:", "--host", host)
    announcement = served.announcement
    assert (
        get(f"{announcement['base_url']}?iTwinId={announcement['itwin_id']}", announcement["tokens"]["ada"]).status_code
        == 200
    )
    assert "Warning" not in served.end(signal.SIGINT)[2]


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.thorough
def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """The line names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused("--json", "--port", str(port), "--data-dir", tmp_path / "hub")
    assert f"port {port} of 127.0.0.1" in line


@pytest.mark.thorough
def test_a_host_that_is_none() -> None:
    """A name that cannot be resolved, or an address of another machine, is an error like others."""
    assert refused("--port", "0", "--data-dir", ":memory:", "--host", "no.such.host.invalid")
    assert "192.0.2.1" in refused("--port", "0", "--data-dir", ":memory:", "--host", "192.0.2.1")


def test_a_folder_in_use(running: tuple[Served, Path]) -> None:
    """The message names the folder, and the running hub continues."""
    served, folder = running
    line = refused("--json", "--port", "0", "--data-dir", folder)
    assert line == f"{folder} is in use by another hub. Stop it or use another folder."
    announcement = served.announcement
    assert (
        get(f"{announcement['base_url']}?iTwinId={announcement['itwin_id']}", announcement["tokens"]["ada"]).status_code
        == 200
    )


@pytest.mark.thorough
def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    """A file in its place is named."""
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refused("--port", "0", "--data-dir", tmp_path / "file")


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("option", ["--seed", "--config"])
@pytest.mark.parametrize("text", [None, "[[imodels]]\n[[users]]\n"])
def test_a_file_that_is_wrong(tmp_path: Path, option: str, text: str | None) -> None:
    """A seed or configuration that is not there, or makes no sense, is named."""
    path = tmp_path / "file.toml"
    if text is not None:
        path.write_text(text)
    assert str(path) in refused("--port", "0", "--data-dir", tmp_path / "hub", option, path)


@pytest.mark.thorough
def test_a_seed_that_cannot_be(tmp_path: Path) -> None:
    """A file of the seed that is missing is named."""
    path = tmp_path / "seed.toml"
    path.write_text('[[imodels]]\nname = "a"\nbaseline = "gone.bim"')
    assert str(tmp_path / "gone.bim") in refused("--port", "0", "--data-dir", ":memory:", "--seed", path)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("package", ["starlette", "platformdirs"])
def test_without_the_extra(package: str) -> None:
    """A missing extra is named; there is no traceback."""
    code = f"import sys; sys.modules['{package}'] = None; from itwin_imodels.cli import main; main()"
    command = [sys.executable, "-c", code, "hub", "serve"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "imodels hub requires the extra 'hub': pip install 'itwin-imodels[cli,hub]'\n"


@pytest.mark.thorough
def test_the_default_folder_is_the_users(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --data-dir a hub keeps everything among the user's data."""
    for name in ("XDG_DATA_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    serve("--json", "--port", "0")
    (found,) = tmp_path.rglob("hub.sqlite")
    assert "itwin-imodels-hub" in found.parts


def test_a_sudden_end_loses_nothing(serve: Serve, tmp_path: Path) -> None:
    """After a kill the same command brings back entities, files, tokens and links."""
    options = ["--json", "--data-dir", str(tmp_path / "hub")]
    served = serve(*options, "--port", "0")
    first = served.announcement
    port = str(httpx.URL(first["base_url"]).port)
    with httpx.Client(
        base_url=first["base_url"].removesuffix("/imodels"),
        headers={"Authorization": f"Bearer {first['tokens']['ada']}"},
        verify=TLS,
    ) as client:
        desk = Desk(None, client)  # type: ignore[arg-type]  # the hub is elsewhere
        imodel = desk.imodel(first["itwin_id"])
        ids = desk.history(imodel, desk.briefcase(imodel), 3)
        before = desk.get(imodel, "changesets").json()
        links = [desk.get(imodel, "changesets", each).json()["changeset"]["_links"]["download"]["href"] for each in ids]
        contents = [httpx.get(link, verify=TLS, timeout=120).content for link in links]
    assert served.end(signal.SIGKILL)[0] == -signal.SIGKILL
    second = serve(*options, "--port", port).announcement
    assert {**second, "pid": 0} == {**first, "pid": 0}
    assert get(f"{second['base_url']}/{imodel}/changesets", first["tokens"]["ada"]).json() == before
    assert [httpx.get(link, verify=TLS, timeout=120).content for link in links] == contents
    assert os.getpid() not in {first["pid"], second["pid"]}
