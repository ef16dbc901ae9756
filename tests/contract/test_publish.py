"""Publishing a project's wheel to a package index that really runs."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts import publish
from scripts.toolkit import ROOT, ToolError

_SERVER = """\
import sys
from wsgiref.simple_server import make_server
import pypiserver

folder, password, closed = sys.argv[1], sys.argv[2], sys.argv[3:]
access = {"auther": lambda *given: given == ("ann", password)} if closed else {"password_file": "."}
app = pypiserver.app(roots=[folder], disable_fallback=True, authenticate=closed, **access)
with make_server("127.0.0.1", 0, app) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""

_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "Tiny.Project"
version = "1.0.dev3"
requires-python = ">=3.11"
readme = "README.md"
"""

WHEEL = "tiny_project-1.0.dev3-py3-none-any.whl"
PASSWORD = "s3cret/w@rd"  # noqa: S105 - the server of these tests knows it

Server = Callable[..., str]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the person's own settings from the environment of the tools."""
    for name in os.environ:
        if name.startswith((publish.PREFIX, "TWINE_", "PIP_", "GIT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create a committed project with one module."""
    folder = tmp_path / "project"
    (folder / "tiny_project").mkdir(parents=True)
    (folder / "tiny_project" / "__init__.py").write_text("ANSWER = 42\n")
    (folder / "README.md").write_text("# Tiny\n")
    (folder / "pyproject.toml").write_text(_PYPROJECT)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "--quiet", "-m", "all")
    return folder


@pytest.fixture
def index_folder(tmp_path: Path) -> Path:
    """Return the folder in which the index stores its files."""
    folder = tmp_path / "index"
    folder.mkdir()
    return folder


@pytest.fixture
def serve(index_folder: Path) -> Iterator[Server]:
    """Start an index; the arguments are the actions that require a password."""
    with ExitStack() as stack:

        def start(*closed: str, folder: Path = index_folder) -> str:
            command = [sys.executable, "-c", _SERVER, str(folder), PASSWORD, *closed]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            return f"http://127.0.0.1:{int(process.stdout.readline())}/"

        yield start


@pytest.fixture
def pages() -> Iterator[Callable[[str], str]]:
    """Run a server that sends the given text as JSON for every request; calling it returns its URL."""
    with ExitStack() as running:

        def start(text: str) -> str:
            class Page(http.server.BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
                    self.end_headers()
                    self.wfile.write(text.encode())

                def log_message(self, *_: object) -> None:
                    """Print nothing."""

            server = running.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page))
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            running.callback(thread.join)
            running.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_address[1]}/"

        yield start


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the environment variables that name the index."""

    def set_variables(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"{publish.PREFIX}{name}", value)

    return set_variables


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *arguments], check=True, cwd=folder)  # noqa: S607 - whichever git the person has


def run_publish(project: Path, *options: str) -> int:
    """The tool's command line."""
    return publish.main(["--project", str(project), *options])


def test_uploads_and_the_wheel_installs_from_the_index(
    project: Path, serve: Server, use: Callable[..., None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An open index accepts the wheel, and pip installs it from there."""
    address = serve()
    use(URL=address)
    assert run_publish(project) == 0
    assert capfd.readouterr().out == f"Tiny.Project 1.0.dev3: uploaded to {address}\n"

    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--pre", "--disable-pip-version-check"]
    source = ["--no-cache-dir", "--index-url", f"{address}simple/", "--target", str(tmp_path / "installed")]
    subprocess.run([*pip, *source, "tiny-project"], check=True)
    assert (tmp_path / "installed" / "tiny_project" / "__init__.py").read_text() == "ANSWER = 42\n"


@pytest.mark.thorough
def test_uploads_with_user_and_password(
    project: Path, serve: Server, use: Callable[..., None], index_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An index that requires a password for every action gets it, and it is not printed."""
    use(URL=serve("update", "list", "download"), USERNAME="ann", PASSWORD=PASSWORD)
    assert run_publish(project) == 0
    assert (index_folder / WHEEL).exists()
    assert PASSWORD not in "".join(capfd.readouterr())


@pytest.mark.thorough
def test_refuses_a_wrong_password(
    project: Path, serve: Server, use: Callable[..., None], index_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The index's rejection is reported, but not the password."""
    use(URL=serve("update"), USERNAME="ann", PASSWORD="wr0ng-word")  # noqa: S106 - and it is wrong
    with pytest.raises(ToolError, match=r"the index rejected Tiny\.Project 1\.0\.dev3; see above") as caught:
        run_publish(project)
    output = "".join(capfd.readouterr())
    assert "403" in output
    assert "wr0ng-word" not in output + str(caught.value)
    assert not list(index_folder.iterdir())


@pytest.mark.thorough
def test_refuses_when_the_index_denies_the_look(
    project: Path, serve: Server, use: Callable[..., None], index_folder: Path
) -> None:
    """Without permission to list versions, the tool cannot know whether the version exists, so nothing is uploaded."""
    use(URL=serve("list"))
    with pytest.raises(ToolError, match="the index responded with 401 to the request for versions"):
        run_publish(project)
    assert not list(index_folder.iterdir())


def test_refuses_a_version_that_exists(
    project: Path, serve: Server, use: Callable[..., None], index_folder: Path
) -> None:
    """A version of the index is never replaced, whatever file it has of it."""
    (index_folder / "tiny-project-1.0.dev3.tar.gz").write_bytes(b"older")
    use(URL=serve())
    with pytest.raises(ToolError, match=r"already has Tiny\.Project 1\.0\.dev3; increment the version"):
        run_publish(project)
    assert [path.name for path in index_folder.iterdir()] == ["tiny-project-1.0.dev3.tar.gz"]


def test_dry_run_uploads_nothing(
    project: Path, serve: Server, use: Callable[..., None], index_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A dry run checks everything and does not change the index."""
    use(URL=serve())
    assert run_publish(project, "--dry-run") == 0
    assert "Tiny.Project 1.0.dev3: valid" in capfd.readouterr().out
    assert not list(index_folder.iterdir())


@pytest.mark.thorough
def test_tells_when_the_index_does_not_list_the_upload(
    project: Path, serve: Server, use: Callable[..., None], index_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says that the version was uploaded but does not appear."""
    elsewhere = index_folder.with_name("elsewhere")
    elsewhere.mkdir()
    use(URL=serve(), SIMPLE_URL=f"{serve(folder=elsewhere)}simple/")
    monkeypatch.setattr(publish, "PATIENCE", 0.0)
    with pytest.raises(ToolError, match=r"was uploaded, but .* does not list it"):
        run_publish(project)
    assert (index_folder / WHEEL).exists()


def test_refuses_an_index_out_of_reach(
    project: Path, use: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    """If the index does not respond, nothing is uploaded; credentials in its URL are not printed."""
    use(URL="http://ann:s3cret@127.0.0.1:1/")
    with pytest.raises(ToolError, match=r"^http://127\.0\.0\.1:1/simple/tiny-project/: cannot reach the index"):
        run_publish(project)
    assert "s3cret" not in "".join(capfd.readouterr())


def test_refuses_a_wheel_that_does_not_build(
    project: Path, use: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    """The build's output is shown when it fails, and only then."""
    (project / "pyproject.toml").write_text(_PYPROJECT.replace("README.md", "ABSENT.md"))
    git(project, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "--quiet", "-am", "break")
    use(URL="http://127.0.0.1:1/")
    with pytest.raises(ToolError, match="the wheel cannot be built; see above"):
        run_publish(project)
    assert "ABSENT.md" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["README.md", "tiny_project/new.py"])
def test_refuses_what_is_not_committed(project: Path, use: Callable[..., None], name: str) -> None:
    """Neither changed nor new files may be uncommitted."""
    use(URL="http://127.0.0.1:1/")
    (project / name).write_text("changed\n")
    with pytest.raises(ToolError, match=f"not committed: {name}; commit, ignore or remove them"):
        run_publish(project)


def test_refuses_a_detached_head(project: Path, use: Callable[..., None]) -> None:
    """Published versions must belong to a branch."""
    use(URL="http://127.0.0.1:1/")
    git(project, "checkout", "--quiet", "--detach")
    with pytest.raises(ToolError, match="HEAD is detached; switch to a branch"):
        run_publish(project)


def test_refuses_a_folder_outside_git(tmp_path: Path, use: Callable[..., None]) -> None:
    """Without a repository, the published commit would be unknown."""
    use(URL="http://127.0.0.1:1/")
    with pytest.raises(ToolError, match="not a project in a git repository"):
        run_publish(tmp_path)


def test_names_the_variable_that_is_not_set() -> None:
    """Without the index's URL, the tool prints one line that says which variable to set."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.publish"], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 1
    assert done.stderr == ("error: ITWIN_IMODELS_INDEX_URL is not set; set it to the upload URL of the index\n")


@pytest.mark.parametrize("address", ["index.example.org/up", "ftp://example.org/", "http://a:s3cret@h:99999/"])
def test_refuses_what_is_not_an_address(address: str) -> None:
    """An invalid URL is rejected by the name of its variable; its text may contain a password."""
    with pytest.raises(ToolError, match=r"^ITWIN_IMODELS_INDEX_URL: not an http or https address; correct it$"):
        publish.index_from({"ITWIN_IMODELS_INDEX_URL": address})


@pytest.mark.parametrize("address", ["https://example.org/up", "https://example.org/up/"])
def test_simple_index_stands_below_the_upload_address(address: str) -> None:
    """By default, the simple index is /simple/ below the upload URL."""
    index = publish.index_from({"ITWIN_IMODELS_INDEX_URL": address})
    assert index.upload.url == address
    assert index.simple.url == "https://example.org/up/simple/"


def test_credentials_move_out_of_addresses() -> None:
    """Credentials are removed from each URL; the variables take precedence."""
    addresses = {
        "ITWIN_IMODELS_INDEX_URL": "https://ann:a%2Fb@example.org/up",
        "ITWIN_IMODELS_INDEX_SIMPLE_URL": "https://bob:c@example.org/simple/",
    }
    index = publish.index_from(addresses)
    assert index.upload == ("https://example.org/up", "ann", "a/b")
    assert index.simple == ("https://example.org/simple/", "bob", "c")
    index = publish.index_from({**addresses, "ITWIN_IMODELS_INDEX_PASSWORD": "d"})
    assert [address.password for address in index] == ["d", "d"]


@pytest.mark.parametrize("form", ["p/w é", "p%2Fw%20%C3%A9", "p/w%20%C3%A9", "YW5uOnAvdyDDqQ=="])
def test_redacts_every_form_of_the_password(form: str) -> None:
    """It is redacted literally, quoted for a URL, and as in a header."""
    variables = {"URL": "http://127.0.0.1/", "USERNAME": "ann", "PASSWORD": "p/w é"}
    index = publish.index_from({f"{publish.PREFIX}{name}": value for name, value in variables.items()})
    assert publish.redacted(f"see {form} there", index) == "see [redacted] there"
    assert publish.redacted("see http://eve:x@y@127.0.0.1/a there", index) == "see http://127.0.0.1/a there"


@pytest.mark.parametrize("page", ["[]", "{}", '{"files": [{}]}', '{"files": 3}', "<html>", '{"files": [null]}'])
def test_refuses_an_answer_that_is_no_simple_index(page: str, pages: Callable[[str], str]) -> None:
    """JSON of another shape is not a list of versions, and no proof that there are none."""
    address = publish.Address(pages(page), "", "")
    with pytest.raises(ToolError, match="not a simple index; set ITWIN_IMODELS_INDEX_SIMPLE_URL to its URL"):
        publish.listed(address, "tiny-project")
