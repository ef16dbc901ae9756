"""Facts about real changeset files: their ids, sizes and contents."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from imodel_files.changesets import (
    ChangesetIdMismatchError,
    TableChanges,
    compute_changeset_id,
    inspect_changeset,
    iter_changes,
    verify_changeset,
    write_changeset,
)
from tests.unit.imodel_files.making import read_by_apsw, typed, unpacked
from tests.unit.imodel_files.samples import samples_folder


class Vector(NamedTuple):
    """A real file."""

    id: str
    parent_id: str
    file_size: int
    body_size: int
    body_digest: str = ""
    prefix_size: int = 0
    folder: str = "."


def chain(*rows: tuple[str, int, int, str]) -> list[Vector]:
    """Files of which each follows the one before."""
    parents = ["", *(row[0] for row in rows)]
    return [Vector(row[0], parent, *row[1:]) for row, parent in zip(rows, parents, strict=False)]


MODELS = chain(
    ("ec06481a0775ea0120275b1daeed97871fe429e5", 277, 494, "bb3b9f030d8c9774"),
    ("8b34e083ffb17ece2d5c59ac1c79ccc92ccfcfbb", 280, 502, "a43d5f5b9280482f"),
    ("fc0e32166ad08f7bbb0b1514809e354acfeca3cc", 282, 502, "85e52a2fcfc59dab"),
    ("c518f7d85f524aa3e432b66991bc9ae65fe044cd", 282, 502, "aeaf787eab63a73b"),
    ("a24fa563fb7b50c7e1407733b63a1958ca07eea3", 282, 502, "7f672d272b560be1"),
    ("d76d97951b232ef218c4913ff0af2a5b3f8a1d9e", 283, 502, "6a24c92f6b1c8ef0"),
    ("2efbc0cf959c359325b0c6d3e0abe271ed09bae5", 282, 502, "941d71640372585f"),
    ("52fcab434ca9571071537355634aab7c357fe660", 281, 502, "4ebee3995ffa4de3"),
    ("2e7d802ca874fd3c53671f96ca9186c878f66490", 281, 502, "fdbc535307c456db"),
    ("515e28101227c1293586544fea4e4ff1f596a7dd", 282, 503, "023e297603bc96fb"),
)
WITH_SCHEMA = [
    vector._replace(folder="schema-sample", prefix_size=158 * (not vector.parent_id))
    for vector in chain(
        ("dbe4b3824129f99e4eb485fb7cd9d2fea2354be1", 3436, 14107, ""),
        ("20f94790e4a67782c2bafb93fa9b3955311c3fdb", 285, 412, ""),
        ("eb5075bd61a77c773b4a1e82c89087ba28b31aec", 284, 412, ""),
        ("1b186c485d182c46c02b99aff4fb12637263438f", 283, 414, ""),
    )
]
DDL = (
    "ALTER TABLE [bis_GeometricElement3d] ADD COLUMN [js2] BLOB;"
    "ALTER TABLE [bis_GeometricElement3d] ADD COLUMN [js3] BLOB"
)
each_file = pytest.mark.parametrize("vector", MODELS + WITH_SCHEMA, ids=lambda vector: vector.id[:8])


def path_of(vector: Vector) -> Path:
    """Return the path of the file."""
    return samples_folder() / vector.folder / f"{vector.id}.cs"


@each_file
def test_the_id_follows_from_content_and_parent(vector: Vector) -> None:
    """The computed id is the known one, and so only with the right parent."""
    path = path_of(vector)
    assert compute_changeset_id(path, vector.parent_id) == vector.id
    assert compute_changeset_id(str(path), vector.parent_id.upper()) == vector.id
    verify_changeset(path, id=vector.id, parent_id=vector.parent_id or None)
    with pytest.raises(ChangesetIdMismatchError) as caught:
        verify_changeset(path, id=vector.id, parent_id=vector.id)
    assert caught.value.expected == vector.id


@each_file
def test_the_sizes_are_known(vector: Vector) -> None:
    """File, prefix and body have the sizes they are known to have."""
    path = path_of(vector)
    summary = inspect_changeset(path)
    assert (summary.file_size, summary.prefix_size, summary.body_size) == (
        vector.file_size,
        vector.prefix_size,
        vector.body_size,
    )
    content = unpacked(path.read_bytes())
    assert summary.uncompressed_size == len(content)
    digest = hashlib.sha256(content[4 + vector.prefix_size :]).hexdigest()
    assert digest.startswith(vector.body_digest)


@each_file
def test_the_values_are_those_that_sqlite_reads(vector: Vector) -> None:
    """Each change equals what apsw makes of it."""
    path = path_of(vector)
    ours = [
        (each.table, each.operation.value, each.indirect, typed(each.old), typed(each.new))
        for each in iter_changes(path)
    ]
    body = unpacked(path.read_bytes())[4 + vector.prefix_size :]
    assert ours == read_by_apsw(body)


@each_file
def test_a_file_written_anew_has_the_same_id(vector: Vector, tmp_path: Path) -> None:
    """The writer accepts the output of the reader, and the decompressed file is equal."""
    path = path_of(vector)
    body = unpacked(path.read_bytes())[4 + vector.prefix_size :]
    if vector.prefix_size:
        written = write_changeset(tmp_path, body, parent_id=vector.parent_id, ddl=DDL)
        # The old writer left a newline before the NUL, and the newline is hashed.
        assert written != vector.id
        assert inspect_changeset(tmp_path / f"{written}.cs").ddl == DDL
    else:
        assert write_changeset(tmp_path, body, parent_id=vector.parent_id) == vector.id
        assert unpacked((tmp_path / f"{vector.id}.cs").read_bytes()) == unpacked(path.read_bytes())


@pytest.mark.parametrize("vector", MODELS, ids=lambda vector: vector.id[:8])
def test_each_of_the_ten_adds_a_model(vector: Vector) -> None:
    """They hold three inserts and the indirect update of a model."""
    summary = inspect_changeset(path_of(vector))
    assert summary.tables == (
        TableChanges("bis_Element", inserts=1),
        TableChanges("bis_InformationPartitionElement", inserts=1),
        TableChanges("bis_Model", inserts=1, updates=1, indirect=1),
    )
    assert (summary.total, summary.inserts, summary.updates, summary.deletes, summary.indirect) == (4, 3, 1, 0, 1)
    assert (summary.has_schema_changes, summary.ddl, summary.containing_changes) == (False, None, None)


def test_the_schema_changeset_says_what_it_changes() -> None:
    """Its prefix has the DDL, its body rows of 22 tables."""
    summary = inspect_changeset(path_of(WITH_SCHEMA[0]))
    assert (summary.has_schema_changes, summary.ddl, summary.containing_changes) == (True, DDL, 1)
    assert (summary.inserts, summary.total, len(summary.tables)) == (236, 236, 22)
    counts = {each.table: each.inserts for each in summary.tables}
    assert counts["ec_PropertyMap"] == 143
    assert counts["bis_Element"] == 23
    assert counts["bis_DefinitionElement"] == 22


@pytest.mark.parametrize("vector", WITH_SCHEMA[1:], ids=lambda vector: vector.id[:8])
def test_the_others_of_its_iModel_add_an_element(vector: Vector) -> None:  # noqa: N802 - the field's own word
    """They hold an insert in each of two tables."""
    tables = inspect_changeset(path_of(vector)).tables
    assert tables == (TableChanges("bis_Element", inserts=1), TableChanges("bis_GeometricElement3d", inserts=1))


def test_the_vectors_are_those_of_the_metadata() -> None:
    """The ids and parents above are those that came with the files."""
    ten = json.loads((samples_folder() / "changesets.json").read_text(encoding="utf-8"))["changesets"]
    assert [(each["id"], each["parentId"]) for each in ten] == [(each.id, each.parent_id) for each in MODELS]
    text = (samples_folder() / "schema-sample" / "ReadOnlyTestChangeSets.json").read_text(encoding="utf-8")
    four = [each["properties"] for each in json.loads(text)]
    assert [(each["Id"], each["ParentId"]) for each in four] == [(each.id, each.parent_id) for each in WITH_SCHEMA]
