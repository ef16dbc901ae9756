"""Every command does its work, with output in JSON; each test is a workflow of an operator."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imodel_files.changesets import write_changeset
from itwin_imodels import IModelsClient
from tests.behaviour.helpers.making import new_name, picture
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import History, changeset_files
from tests.cli.helpers.command import Cli
from tests.unit.imodel_files.making import DELETE, INSERT, UPDATE, fields, table
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.workflows.helpers.databases import database as new_database


def test_imodels(quick: Cli, tmp_path: Path) -> None:
    """Created, changed, copied, waited for, deleted."""
    name = new_name("Tour")
    created = quick.json(
        "imodel", "create", name, "--description", "New", "--extent", "46.1,7.7,46.3,7.9", "--crs", "EPSG:3857"
    )
    assert (created["state"], created["description"]) == ("initialized", "New")
    assert created["extent"]["north_east"] == {"latitude": 46.3, "longitude": 7.9}
    updated = quick.json("imodel", "update", name, "--name", f"{name} 2", "--no-extent")
    assert (updated["name"], updated["extent"], updated["description"]) == (f"{name} 2", None, "New")
    clone = quick.json("imodel", "clone", created["id"], "--name", f"{name} clone")
    fork = quick.json("imodel", "fork", created["id"], "--name", f"{name} fork", "--preserve-history", "--no-wait")
    assert fork["forked_from"]["imodel_id"] == created["id"]
    assert quick.json("imodel", "wait", fork["imodel_id"])["state"] == "initialized"
    assert quick.json("operation", "show", clone["id"])["cloned_from"]["imodel_id"] == created["id"]
    database = new_database(tmp_path / "baseline.bim")
    uploaded = quick.json("imodel", "create", f"{name} file", "--baseline", database, "--container", "schema_sync")
    assert uploaded["containers_enabled"] == 1
    assert quick.json("baseline", "show", uploaded["id"])["file_size"] == database.stat().st_size
    other = quick.json("imodel", "create", f"{name} from", "--template", f"{name} file")
    found = quick.json("imodel", "list", "--search", name, "--sort", "name desc", "--limit", 3)
    assert [each["name"] for each in found] == [f"{name} from", f"{name} fork", f"{name} file"]
    for imodel_id in (created["id"], clone["id"], fork["imodel_id"], uploaded["id"], other["id"]):
        done = quick.ok("imodel", "delete", imodel_id, "--yes")
        assert (done.out, imodel_id in done.err) == ("", True)


def test_authoring(quick: Cli, imodel: str, tmp_path: Path) -> None:
    """A briefcase, locks, pushes in a group, released locks, extended data."""
    briefcase = quick.json("briefcase", "acquire", imodel, "--device", "ci-7")["briefcase_id"]
    assert quick.json("briefcase", "show", imodel, briefcase)["device_name"] == "ci-7"
    (tmp_path / "ids").write_text("0x10\n0x11 0x12\n")
    lock = quick.json("lock", "acquire", imodel, briefcase, "--exclusive", f"@{tmp_path / 'ids'}", "--shared", "0x1")
    assert lock["objects"] == {"exclusive": ["0x10", "0x11", "0x12"], "shared": ["0x1"]}
    files = changeset_files(tmp_path, 4)
    group = quick.json("group", "create", imodel, "--description", "Nightly")["id"]
    first = quick.json(
        *(
            "changeset",
            "push",
            imodel,
            files[0],
            "--briefcase",
            briefcase,
            "--description",
            "Piers",
            "--group-id",
            group,
        ),
        *("--changes", "schema", "--changes", "spatial_data", "--task-id", "run 7", "--changed-file", "a.dgn"),
    )
    assert [each["id"] for each in first] == [files[0].stem]
    assert (first[0]["containing_changes"], first[0]["group_id"]) == (5, group)
    assert quick.json("changeset", "show", imodel, 1)["synchronization_info"] == {
        "task_id": "run 7",
        "changed_files": ["a.dgn"],
    }
    again = quick.json("changeset", "push", imodel, files[0], "--briefcase", briefcase)
    assert again[0]["index"] == first[0]["index"]
    assert quick.json("group", "close", imodel, group)["state"] == "completed"
    rest = ("changeset", "push", imodel, *files[1:], "--briefcase", briefcase, "--group", "Rest", "--release-locks")
    assert [each["id"] for each in quick.json(*rest)] == [file.stem for file in files[1:]]
    assert {each["description"] for each in quick.json("group", "list", imodel)} == {"Nightly", "Rest"}
    assert quick.json("lock", "list", imodel) == []
    released = quick.json("lock", "released", imodel, "--after", 1)
    assert {each["level"]: each["object_ids"] for each in released}["exclusive"] == ["0x10", "0x11", "0x12"]
    kept = quick.json("extended-data", "set", imodel, files[0].stem, "@-", text='{"source": "survey.dgn"}')
    assert kept == quick.json("extended-data", "get", imodel, 1)
    assert quick.json("extended-data", "list", imodel) == [kept]
    latest = files[-1].stem
    quick.ok("lock", "acquire", imodel, briefcase, "--shared", "0x2", "--shared", "0x3", "--changeset-id", latest)
    released = quick.ok("lock", "release", imodel, briefcase, "--object", "0x2", "--object", "0x02").err
    assert f"Released the lock of briefcase {briefcase} on 1 object." in released
    assert "Released all locks" in quick.ok("lock", "release-all", imodel, briefcase, "--yes").err
    assert "held no locks" in quick.ok("lock", "release-all", imodel, briefcase, "-y").err
    quick.ok("briefcase", "release", imodel, briefcase, "--yes", "--quiet")
    assert quick.json("briefcase", "list", imodel) == []


@pytest.mark.thorough
def test_changesets_from_others(quick: Cli, tmp_path: Path) -> None:
    """Changesets are merged, inverted and computed from two databases; an iModel is reverted to its baseline."""
    base = new_database(tmp_path / "base.bim")
    imodel = quick.json("imodel", "create", new_name("Reverted"), "--baseline", base)["id"]
    briefcase = quick.json("briefcase", "acquire", imodel)["briefcase_id"]
    plant = table("plant", 4)
    first = write_changeset(tmp_path, plant + INSERT + fields(2, "Windy Ridge", 12.0, None), parent_id=None)
    body = plant + UPDATE + fields(2, SAME, 12.0, SAME) + fields(SAME, SAME, 13.0, SAME)
    second = write_changeset(tmp_path, body, parent_id=first, ddl="CREATE INDEX i ON plant(name)")
    files = [tmp_path / f"{each}.cs" for each in (first, second)]
    merged = quick.json("changeset", "merge", *files, "--target", tmp_path)
    assert (merged["path"], merged["parent_id"]) == (str(tmp_path / f"{merged['id']}.cs"), "")
    assert quick.json("changeset", "apply", base, tmp_path / "tip.bim", merged["path"], "--strict")["changes"] == 1
    shown = quick.ok("changeset", "invert", *files, "--target", tmp_path / "inverse.cs", "--database", base)
    assert second in shown.out
    assert shown.err == f"Note: the DDL of changeset {second} is not reverted.\n"
    difference = quick.json("changeset", "diff", base, tmp_path / "tip.bim", "-t", tmp_path / "difference.cs")
    assert difference == {**merged, "path": str(tmp_path / "difference.cs")}
    quick.ok("changeset", "push", imodel, *files, "--briefcase", briefcase)
    revert = ("changeset", "revert", imodel, tmp_path / "files", "--to", 0, "--briefcase", briefcase)
    (reverted,) = quick.json(*revert, "--description", "Mistake")
    assert (reverted["index"], reverted["parent_id"], reverted["description"]) == (3, second, "Mistake")
    again = quick.ok(*revert, "--output", "jsonl")
    assert (again.out, "Nothing was pushed" in again.err) == ("", True)
    missing = quick.run("changeset", "merge", *files)
    assert (missing.code, "--target" in missing.err) == (2, True)
    refused = quick.run("changeset", "invert", files[1], "--target", tmp_path / "inverse.cs")
    assert (refused.code, "expected changeset id" in refused.err) == (1, True)


def test_pulling(quick: Cli, history: History, tmp_path: Path) -> None:
    """Pulled, verified, inspected, mirrored; a database at a point of the timeline."""
    folder = tmp_path / "pulled"
    pulled = quick.json("changeset", "pull", "History", folder, "--after", 2, "--until", history.ids[4])
    assert [each["changeset"]["index"] for each in pulled] == [3, 4, 5]
    files = [Path(each["path"]) for each in pulled]
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in history.files[2:5]]
    verified = quick.json("changeset", "verify", *files, "--parent-id", history.ids[1])
    assert [each["is_valid"] for each in verified] == [True] * 3
    wrong = quick.run("changeset", "verify", *files, "-o", "jsonl")
    assert wrong.code == 1
    assert [json.loads(line)["is_valid"] for line in wrong.out.splitlines()] == [False, True, True]
    assert wrong.err == "imodels: 1 of 3 changeset files failed verification\n"
    assert quick.json("changeset", "inspect", files[0])["has_schema_changes"] is True
    assert quick.json("changeset", "inspect", files[0], "--tables") == []
    base = tmp_path / "base.bim"
    assert quick.json("checkpoint", "download", "History", base, "--changeset", 2)["report"] is None
    applied = quick.json("changeset", "apply", base, tmp_path / "tip.bim", *files, "--parent-id", history.ids[1])
    assert (applied["changesets"], applied["conflicts"]) == (3, [])
    with closing(sqlite3.connect(base)) as database, database:
        database.execute("CREATE TABLE plant(id INTEGER PRIMARY KEY)")
    unfitting = write_changeset(tmp_path, table("plant", 1) + DELETE + fields(7), parent_id=history.ids[1])
    again = ("changeset", "apply", base, tmp_path / "again.bim", tmp_path / f"{unfitting}.cs")
    again = (*again, "--parent-id", history.ids[1])
    (counted,) = quick.json(*again)["conflict_counts"]
    assert (counted["table"], counted["cause"], counted["action"]) == ("plant", "not_found", "skip")
    shown = quick.ok(*again)
    assert "not_found" in shown.out
    assert "Applied 1 changeset with" in shown.err
    (conflict,) = quick.json(*again, "--conflicts")
    assert (conflict["changeset_id"], conflict["key"]) == (unfitting, [7])
    refused = quick.run(*again, "--strict")
    assert (refused.code, "the row is missing" in refused.err) == (1, True)
    mirrored = quick.json("mirror", "History", tmp_path / "mirror")
    assert (mirrored["changesets"], mirrored["downloaded_files"]) == (6, 6)
    assert quick.json("mirror", "History", tmp_path / "mirror", "--check", "id")["downloaded_files"] == 0
    target = tmp_path / "tip.bim"
    assert quick.json("checkpoint", "wait", "History", "--changeset", 3)["state"] == "successful"
    done = quick.ok("checkpoint", "download", "History", target, "--output", "json")
    assert (done.json["changeset_index"], done.json["wanted"]["index"]) == (3, 6)
    assert "--apply" in done.err
    assert target.read_bytes().startswith(b"SQLite format 3\0")
    exact = quick.json("checkpoint", "download", "History", target, "--changeset", 2, "--apply")
    assert (exact["changeset_index"], exact["applied"]) == (2, 2)
    assert quick.json("checkpoint", "show", "History")["changeset_index"] == 3
    assert quick.json("checkpoint", "wait", "History", "--changeset", 0)["state"] == "successful"
    assert quick.run("checkpoint", "show", "History", "--changeset", history.ids[3]).code == 3


def test_versions(quick: Cli, imodel: str, history: History) -> None:
    """Named Versions, and points of the timeline by them."""
    version = quick.json("version", "create", imodel, "As delivered", "--description", "Baseline")
    assert (version["changeset_index"], version["changeset_id"]) == (0, None)
    hidden = quick.json(
        "version", "update", imodel, "As delivered", "--name", "Old", "--state", "hidden", "--no-description"
    )
    assert (hidden["name"], hidden["state"]) == ("Old", "hidden")
    assert quick.json("version", "list", imodel, "--state", "visible") == []
    assert [each["name"] for each in quick.json("version", "list", imodel)] == ["Old"]
    assert quick.json("checkpoint", "create", imodel, "Old")["changeset_index"] == 0
    assert quick.json("checkpoint", "show", imodel, "--named-version", "Old")["changeset_index"] == 0
    point = quick.json("changeset", "latest", imodel)
    assert (point["index"], point["changeset_id"]) == (0, "")
    assert quick.json("changeset", "latest", "History")["changeset_id"] == history.ids[-1]
    assert quick.json("changeset", "latest", "History", "--named-version", "Third")["changeset_id"] == history.ids[2]


@pytest.mark.thorough
def test_people(quick: Cli, imodel: str, history: History, client: IModelsClient, tmp_path: Path) -> None:
    """Users, permissions, shares, favorites, recents, pictures."""
    (user,) = quick.json("user", "list", "History")
    assert user["statistics"]["pushed_changesets_count"] == 6
    assert quick.json("user", "show", "History", user["id"]) == user
    mine = quick.json("permission", "show", imodel)
    assert {"permission": "imodels_manage"} in mine
    grants = quick.json("permission", "set", imodel, "users", user["id"], "imodels_read", "imodels_manage")
    assert grants == [{"id": user["id"], "permissions": ["imodels_read", "imodels_manage"]}]
    assert quick.json("permission", "show", imodel, "--of", "users") == grants
    assert quick.json("permission", "show", imodel, "--of", "roles") == []
    assert quick.json("permission", "set", imodel, "users", user["id"], "--none") == []
    expires = (client.imodels.get(history.imodel_id).created_date_time).replace(microsecond=0)
    expires = (
        expires.replace(year=expires.year + 1, month=1, day=31) if expires.month > 8 else expires.replace(month=12)
    )
    made = quick.ok("share", "create", imodel, "Review", "--expires", expires.isoformat(), "--output", "json")
    assert "anyone who has the key" in made.err
    share, key = made.json, made.json["share_key"]
    assert share["name"] == "Review"
    assert (
        quick.with_(IMODELS_TOKEN=None, IMODELS_SHARE_KEY=key).json("imodel", "show", share["imodel_id"])["name"]
        == imodel
    )
    for listed in (quick.ok("share", "list", imodel), quick.ok("share", "show", imodel, share["id"])):
        assert key not in listed.out
    assert key in quick.ok("share", "list", imodel, "--show-key", "--output", "csv").out
    assert quick.json("share", "update", imodel, share["id"], "--expires", expires.isoformat())["id"] == share["id"]
    quick.ok("share", "revoke", imodel, share["id"], "--yes")
    assert quick.json("share", "list", imodel) == []
    for mark in ("favorite", "recent"):
        quick.ok(mark, "add", imodel)
        assert imodel in [each["name"] for each in quick.json(mark, "list")]
        quick.ok(mark, "remove", imodel)
        assert imodel not in [each["name"] for each in quick.json(mark, "list")]
    (tmp_path / "in.png").write_bytes(picture("PNG"))
    quick.ok("thumbnail", "set", imodel, tmp_path / "in.png")
    quick.ok("thumbnail", "get", imodel, tmp_path / "out.png", "--size", "large")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_locks(quick: Cli, imodel: str, client: IModelsClient, place: Place) -> None:
    """Holders of locks are listed; stale locks are listed first, then released."""
    assert place.other is not None
    other = quick.with_(IMODELS_TOKEN=str(place.other))
    mine = [quick.json("briefcase", "acquire", imodel, "--device", f"ci-{number}")["briefcase_id"] for number in (1, 2)]
    theirs = other.json("briefcase", "acquire", imodel, "--device", "Laptop")["briefcase_id"]
    imodel_id = client.imodels.list(place.itwin_id, name=imodel).all()[0].id
    for number, briefcase in enumerate(mine):
        client.acquire_locks(imodel_id, briefcase, exclusive=[f"0x{number or ''}a", f"0x{number or ''}b"])
    other.ok("lock", "acquire", imodel, theirs, "--shared", "0xff")
    assert [each["briefcase_id"] for each in quick.json("lock", "list", imodel)] == [*mine, theirs]
    first, second = quick.json("lock", "list", imodel, "--by", "owner")
    assert (first["briefcase_ids"], first["devices"], first["exclusive"], first["shared"]) == (
        mine,
        ["ci-1", "ci-2"],
        4,
        0,
    )
    assert (second["briefcase_ids"], second["shared"]) == ([theirs], 1)
    assert "@" in first["email"]
    refused = other.refused(4, "lock", "acquire", imodel, theirs, "--exclusive", "0xa")
    assert len(refused.splitlines()) == 1
    assert refused.startswith("imodels: ConflictWithAnotherUser (409)")
    assert "0xa: exclusive lock of briefcase 2" in refused
    assert "lock list IMODEL --by owner" in refused
    cells = quick.ok("lock", "stale", imodel, "--device", "ci-*", "--output", "csv").out
    rows = list(csv.DictReader(io.StringIO(cells)))
    assert [(row["lock_count"], row["freed"]) for row in rows] == [("2", "false")] * 2
    assert quick.json("lock", "stale", imodel, "--older-than", "30d") == []
    freed = quick.json("lock", "stale", imodel, "--device", "ci-*", "--release", "--yes")
    assert [each["freed"] for each in freed] == [True, True]
    assert [each["briefcase_id"] for each in quick.json("briefcase", "list", imodel, "--owner", "me")] == []


def test_hubs(cli: Cli, quick: Cli, tmp_path: Path) -> None:
    """A hub that is not running is seeded, kept in a file, emptied and brought back."""
    hub, state, seeds = tmp_path / "hub", tmp_path / "state.zip", tmp_path / "seeds.toml"
    seeds.write_text('[[imodels]]\nname = "Bridge"\n')
    process = cli.start("hub", "serve", "--json", "--port", 0, "--data-dir", hub)
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["base_url"]
    process.terminate()
    process.communicate()
    seeded = quick.ok("hub", "seed", seeds, "--data-dir", hub).out
    assert seeded.endswith("\tBridge\n")
    quick.ok("hub", "dump", state, "--data-dir", hub)
    assert quick.ok("hub", "reset", "--data-dir", hub, "--yes").out
    quick.ok("hub", "load", state, "--data-dir", hub, "--yes")
    assert address.endswith("/imodels")
    assert "requires a terminal" in quick.refused(2, "hub", "reset", "--data-dir", hub)
    assert "there is no hub in" in quick.refused(1, "hub", "dump", state, "--data-dir", tmp_path / "none")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("imodel", "create", "x", "--baseline", "a", "--template", "b"), "mutually exclusive"),
        (("imodel", "create", "x", "--template-changeset", "b"), "requires --template"),
        (("imodel", "create", "x", "--extent", "1,2,3"), "four numbers"),
        (("imodel", "create", "x", "--container", "toy"), "unknown kind 'toy'"),
    ],
)
def test_what_makes_no_sense(quick: Cli, arguments: tuple[str, ...], said: str) -> None:
    """The command is rejected before anything is sent."""
    assert said in quick.refused(2, *arguments)
