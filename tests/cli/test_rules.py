"""The rules behind the commands."""

import ast
import errno
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from imodel_files.changesets import NotAChangesetFileError, VerifiedFile
from imodel_files.cloud_sqlite import DatabaseNotFoundError, ManifestError
from itwin_imodels import errors, models
from itwin_imodels.auth import ClientCredentials, ShareKey
from itwin_imodels.cli import arguments, cells, plotting, tables, views
from itwin_imodels.cli.access import access
from itwin_imodels.cli.columns import View
from itwin_imodels.cli.ending import ExitCode, exit_code, line
from itwin_imodels.cli.plain import as_csv_cell, as_json, plain
from itwin_imodels.cli.rows import Day, OwnerLocks
from itwin_imodels.cli.settings import resolve_settings
from itwin_imodels.profiles import Profiles
from scripts.toolkit import ROOT

PACKAGE = ROOT / "facade" / "itwin_imodels" / "cli"
VIEWS = [view for view in vars(views).values() if isinstance(view, View)]


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module and name that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_the_command_line_is_made_of_what_everybody_can_use(path: Path) -> None:
    """No module imports a private module, or a private name of another module."""
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        if name.startswith(("itwin_imodels", "imodel_files")):
            assert not [part for part in name.split(".") if part.startswith("_") and part != "__version__"], name


def test_paths_and_texts_of_files_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde is expanded after `=` and `@`, because no shell does that."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ids.txt").write_text("0x1 0x2\n0x3")
    assert arguments.path("~/a/b") == tmp_path / "a" / "b"
    assert [arguments.path(each) for each in ("a/~", "~nobody-of-this-name/a")] == [
        Path("a/~"),
        Path("~nobody-of-this-name/a"),
    ]
    assert arguments.text("@~/ids.txt") == "0x1 0x2\n0x3"


def api_error(kind: type[errors.ApiError] = errors.ApiError, **facts: Any) -> errors.ApiError:
    """An error of the service."""
    return kind(**{"operation": "imodels.get", "status": 400, **facts})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (api_error(errors.NotFound), ExitCode.NOT_FOUND),
        (api_error(errors.AlreadyExists), ExitCode.CONFLICT),
        (api_error(errors.LockConflict), ExitCode.CONFLICT),
        (api_error(errors.Unauthorized), ExitCode.UNAUTHORIZED),
        (api_error(errors.Forbidden), ExitCode.UNAUTHORIZED),
        (errors.AuthError("no"), ExitCode.UNAUTHORIZED),
        (api_error(errors.RateLimited), ExitCode.RATE_LIMITED),
        (api_error(errors.ValidationFailed), ExitCode.ERROR),
        (api_error(errors.ServerError), ExitCode.ERROR),
        (errors.WaitTimeout("late"), ExitCode.ERROR),
        (errors.NameNotFound("no iModel is named 'a'"), ExitCode.NOT_FOUND),
        (errors.AmbiguousName.of("iTwin", "a", ["1", "2"]), ExitCode.USAGE),
        (errors.LinkMissing("changeset 1: the service returned no link"), ExitCode.UNAUTHORIZED),
        (errors.MissingFile(errno.ENOENT, "No such file or directory", "a.cs"), ExitCode.ERROR),
        (errors.InvalidFile("a.bim is not a SQLite database"), ExitCode.ERROR),
        (errors.InvalidChangesetFile("a.cs", "no"), ExitCode.ERROR),
        (NotAChangesetFileError("a.cs", "no"), ExitCode.ERROR),
        (ManifestError("manifest.bcv", "no", 4, "block size"), ExitCode.ERROR),
        (DatabaseNotFoundError("manifest.bcv", "a", ["b"]), ExitCode.NOT_FOUND),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "no"), ExitCode.ERROR),
        (OSError("disk"), ExitCode.ERROR),
        (ValueError("which?"), ExitCode.USAGE),
    ],
)
def test_exit_codes(error: Exception, code: ExitCode) -> None:
    """Each kind of error has an exit code and a message of one line."""
    assert exit_code(error) == code
    assert len(line(error).splitlines()) == 1


def test_what_an_error_says() -> None:
    """The code, the entity, the message, the details, a hint in terms of commands, the request."""
    detail = errors.ErrorDetail(code="InvalidValue", message="too\nlong", target="name")
    error = api_error(code="InvalidRequest", entity="iModel 1", message="Wrong.", details=[detail], request_id="r-7")
    assert line(error) == ("InvalidRequest (400) on iModel 1: Wrong. [InvalidValue (name): too long] (request r-7)")
    push = api_error(errors.OutdatedPush, changeset_ids=["ab"])
    assert "[to pull: ab] Hint: Pull the newer changesets with 'imodels changeset pull" in line(push)
    lock = api_error(errors.OutdatedLock, object_ids=["0x1"])
    assert "[changed since: 0x1] Hint: Pull the newer changesets with 'imodels changeset pull" in line(lock)
    link = errors.LinkMissing("changeset 1: the service returned no link")
    assert line(link).startswith("changeset 1: the service returned no link. Hint: Request the permission")
    assert line(OSError("\x1b[31mred")) == "\N{REPLACEMENT CHARACTER}[31mred"


def test_nothing_secret_is_plain() -> None:
    """Links, credentials, keys and unknown properties are omitted everywhere."""
    link = models.StorageLink(href="https://blobs.example.com/a?sig=SECRET", storage_type="azure")
    access = models.DirectoryAccess(
        base_url="https://a", storage="a", base_directory="b", storage_type="azure", credential="SECRET"
    )
    checkpoint = models.Checkpoint(
        imodel_id="i",
        changeset_index=0,
        changeset_id=None,
        state="successful",
        size=1,
        db_name="d",
        directory_access=access,
        download=link,
        extra={"link": "SECRET"},
    )
    share = models.Share(
        imodel_id="i", id="s", name="n", share_key="SECRET", expires_at=None, permission="imodels_read"
    )
    assert "SECRET" not in str(plain([checkpoint, share, {"link": link}]))
    assert "SECRET" in str(views.SHARE_WITH_KEY.record(share))
    assert "SECRET" not in str(views.SHARE.record(share))


def test_every_secret_of_the_models_is_known() -> None:
    """What a model's `repr` hides, or shows in part, is left out or harmless."""
    hidden = {
        f"{name}.{field.name}"
        for name in models.__all__
        if attrs.has(kind := getattr(models, name))
        for field in attrs.fields(kind)
        if field.repr is not True and field.name in {"href", "credential", "share_key"}
    }
    assert hidden == {"DirectoryAccess.credential", "StorageLink.href"}
    assert plain(models.Thumbnail(content=b"\x01", content_type="image/png")) == {
        "content": "01",
        "content_type": "image/png",
    }


def test_plain_values() -> None:
    """Times in UTC, flags as numbers, paths and errors as text."""
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    given = {"a": moment, "b": models.ContainingChanges.SCHEMA, "c": Path("x"), "d": ValueError("e"), "f": (1.5, None)}
    wanted = {"a": "2026-01-02T03:04:00Z", "b": 1, "c": "x", "d": "e", "f": [1.5, None]}
    assert plain(given) == wanted
    assert plain(timedelta(minutes=1)) == 60
    assert plain([float("inf"), {"a": float("nan")}, 1e308]) == ["inf", {"a": "nan"}, 1e308]
    with pytest.raises(ValueError, match="JSON"):
        as_json(float("inf"))
    assert [as_csv_cell(each) for each in (None, "a,b", True, {"a": [1]})] == ["", "a,b", "true", '{"a": [1]}']
    with pytest.raises(TypeError):
        plain(object())
    assert plain(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "0001-01-01T00:00:00+02:00"


def test_white_space_around_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files with secrets often end with a line break."""
    monkeypatch.delenv("IMODELS_TOKEN", raising=False)
    monkeypatch.setenv("IMODELS_CLIENT_ID", "service")
    monkeypatch.setenv("IMODELS_CLIENT_SECRET", "a-secret\n")
    settings = resolve_settings({}, Profiles(Path("none")), None)
    credentials = access(settings)
    assert isinstance(credentials, ClientCredentials)
    assert credentials.client_secret == "a-secret"  # noqa: S105 - nobody's
    monkeypatch.setenv("IMODELS_SHARE_KEY", "a-key\n")
    assert access(settings) == ShareKey("a-key")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.kind)
def test_views(view: View) -> None:
    """Each has fields, and no two of them share a name."""
    assert view.fields
    assert len(set(view.fields)) == len(view.fields)


def test_cells() -> None:
    """Sizes have units, flags are words, and control characters are escaped."""
    assert [cells.size(count) for count in (0, 999, 1000, 1_500_000, 10**18)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "1.5 MB",
        "1000.0 PB",
    ]
    kinds = models.ContainingChanges
    assert cells.cell(kinds.SCHEMA | kinds.SPATIAL_DATA).text == "schema, spatial data"
    assert cells.cell(kinds.REGULAR).text == "regular"
    assert (cells.cell(value=True).text, cells.cell(None).text, cells.cell("failed").style) == ("yes", "", "red")
    assert cells.cell("a\x1b[31m\nb\tc\x9b").text == "a\N{REPLACEMENT CHARACTER}[31m b c\N{REPLACEMENT CHARACTER}"
    assert cells.object_ids({"exclusive": ("0x1", "0x2"), "shared": ("0x3", "0x4")}) == "0x1 0x2 0x3 …"


@pytest.mark.parametrize(("zone", "year"), [("America/New_York", 1), ("Asia/Tokyo", 9999)])
def test_times_at_the_ends_of_the_calendar(monkeypatch: pytest.MonkeyPatch, zone: str, year: int) -> None:
    """They stand for unknown times; the local time would be out of range."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        shown = cells.cell(
            datetime(year, 12 if year > 1 else 1, 31 if year > 1 else 1, 23 if year > 1 else 0, tzinfo=UTC)
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    assert shown.text.startswith(str(year))


def _drawn(rows: Sequence[object], view: View, width: int) -> tuple[list[str], list[str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        text, left_out = tables.table(rows, view, StringIO())
    return text.splitlines(), left_out


@given(width=st.integers(30, 200), names=st.lists(st.text(max_size=60), max_size=4))
def test_tables_fit(width: int, names: list[str]) -> None:
    """No line of a table is wider than the terminal, and the first column is always present."""
    rows = [Day(day=name, pushes=number * 1000, file_size=10**number) for number, name in enumerate(names)]
    columns = (views._column("day", shrinks=True), *views.DAY.columns[1:])
    lines, left_out = _drawn(rows, View(kind=views.DAY.kind, columns=columns), width)
    assert lines[0].startswith("DAY")
    assert left_out == [] or width < 56
    assert max(map(cell_len, lines)) <= width


def test_ids_are_cut_before_other_columns_wrap() -> None:
    """A path beside its id stays on one line at 80 columns; a wider terminal shows both."""
    path = Path("changesets") / f"{'ab' * 20}.cs"
    row = VerifiedFile(path=path, id="ab" * 20, parent_id="", expected_id="ab" * 20, is_valid=True, problem=None)
    lines, left_out = _drawn([row], views.VERIFIED, 80)
    assert lines == ["VALID  PATH                                                    ID", f"yes    {path}  ababababa…"]
    assert left_out == ["whole ids"]
    lines, left_out = _drawn([row], views.VERIFIED, 120)
    assert "ab" * 20 in lines[1].split()
    assert "PROBLEM" in lines[0]
    assert left_out == []


def test_addresses_are_not_broken() -> None:
    """Who holds locks fits into 80 columns; a name that is the address is not shown twice."""
    rows = [
        OwnerLocks(
            owner_id="u",
            display_name=name,
            email="ada.lindqvist@example.com",
            briefcase_ids=(2, 3),
            devices=("drawing-office-1", "site-laptop"),
            exclusive=4,
            shared=2,
        )
        for name in ("Ada Lindqvist", "ada.lindqvist@example.com", None)
    ]
    lines, left_out = _drawn(rows, views.OWNER_LOCKS, 80)
    assert sum("ada.lindqvist@example.com" in line for line in lines) == 3
    assert any(line.startswith("Ada Lindqvist ") for line in lines)
    assert left_out == []


@given(st.integers(1, 400), st.integers(20, 120), st.booleans())
def test_bars_fit(most: int, width: int, blocks: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    """The longest bar fills its room; each day has some."""
    days = [Day(day="2026-01-01", pushes=most, file_size=1), Day(day="2026-01-09", pushes=1, file_size=0)]
    first, gap, second = plotting.bars(days, width, blocks=blocks)
    assert "7 days without a push" in gap
    assert len(first) <= max(width, 40)
    assert second.split()[0] == "2026-01-09"
    assert len(second.split()) == 5


def test_a_picture(tmp_path: Path) -> None:
    """Pushes and bytes of each day, as PNG and SVG."""
    from tests.parts import require_part  # noqa: PLC0415 - only this test needs a part

    require_part("matplotlib")
    days = [Day(day="2026-01-01", pushes=2, file_size=10), Day(day="2026-01-03", pushes=1, file_size=5)]
    for suffix, begin in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        plotting.save(days, tmp_path / f"a{suffix}", title="Bridge $1")
        assert (tmp_path / f"a{suffix}").read_bytes().startswith(begin)


@pytest.mark.parametrize(
    ("text", "place"), [("7", 7), ("0", 0), ("1" * 40, "1" * 40), ("aB" * 20, "aB" * 20), ("", "")]
)
def test_places(text: str, place: str | int) -> None:
    """Digits are an index, unless there are as many as an id has."""
    assert arguments.place(text) == place


@pytest.mark.parametrize("text", ["ab", "٣", "-1", "a" * 39])
def test_no_places(text: str) -> None:
    """All other values are rejected."""
    with pytest.raises(ValueError, match="use its index, or its id"):
        arguments.place(text)


def test_durations() -> None:
    """A number and a unit."""
    assert [arguments.duration(text) for text in ("30d", "2w")] == [timedelta(days=30), timedelta(days=14)]
    for wrong in ("", "d", "30", "-1d", "1.5h", "3 d"):
        with pytest.raises(ValueError, match="invalid duration"):
            arguments.duration(wrong)


def test_changes() -> None:
    """Given values are changed, removed values become None, and both at once is rejected."""
    assert arguments.changes({"name": "a", "description": None}, {"description": True}) == {
        "name": "a",
        "description": None,
    }
    with pytest.raises(ValueError, match="mutually exclusive"):
        arguments.changes({"description": "a"}, {"description": True})
