"""The id is computed only from the parent, the text of the prefix and the body."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imodel_files.changesets import (
    ChangesetIdMismatchError,
    MalformedSessionError,
    PatchsetError,
    compute_changeset_id,
    verify_changeset,
    write_changeset,
)
from tests.depth import samples
from tests.unit.imodel_files.making import (
    ID,
    INSERT,
    OTHER_ID,
    changeset_file,
    compressed,
    fields,
    header,
    payload,
    table,
    with_body,
    write_file,
)

BODY = table("t", 1) + INSERT + fields(1)


def sha1(*parts: bytes) -> str:
    """The rule, computed here once more."""
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()


@settings(max_examples=samples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.just(b""), st.binary(min_size=20, max_size=20)),
    st.one_of(st.just(b""), st.binary(max_size=40)),
    st.one_of(st.just(b""), st.binary(max_size=2000).map(lambda more: b"T" + more)),
    st.integers(1, 700),
)
def test_the_id_is_a_digest_of_parent_text_and_body(
    tmp_path: Path, parent: bytes, prefix: bytes, body: bytes, page: int
) -> None:
    """This applies to any prefix, any body, and any layout of pages."""
    content = payload(body, prefix)
    pages = [content[at : at + page] for at in range(0, len(content), page)]
    stream = b"".join(compressed(each).removesuffix(b"\0") for each in pages) + b"\0"
    path = write_file(tmp_path, header() + b"\x18" + stream)
    text = prefix.split(b"\0")[0]
    expected = sha1(parent or bytes(20), text + b"\0" if text else b"", body)
    assert compute_changeset_id(path, parent.hex()) == expected
    assert compute_changeset_id(path, parent.hex().upper()) == expected
    verify_changeset(path, id=expected.upper(), parent_id=parent.hex())


def test_no_parent_counts_as_zeros(tmp_path: Path) -> None:
    """This applies to all forms of a missing parent."""
    path = with_body(tmp_path, BODY)
    ids = {compute_changeset_id(path, parent) for parent in (None, "", "0" * 40)}
    assert ids == {sha1(bytes(20), BODY)}


@pytest.mark.parametrize("prefix", [b"\0", b"\0more", b"\0\0"])
def test_a_prefix_without_text_counts_as_none(prefix: bytes, tmp_path: Path) -> None:
    """A single NUL is not hashed, nor is anything after it."""
    assert compute_changeset_id(with_body(tmp_path, BODY, prefix), ID) == sha1(bytes.fromhex(ID), BODY)


def test_only_the_text_before_the_first_nul_counts(tmp_path: Path) -> None:
    """One NUL is hashed, whether or not the prefix has one."""
    expected = sha1(bytes.fromhex(ID), b'{"a":1}\n\0', BODY)
    for prefix in (b'{"a":1}\n\0', b'{"a":1}\n', b'{"a":1}\n\0\0x'):
        assert compute_changeset_id(with_body(tmp_path, BODY, prefix), ID) == expected


def test_another_packing_has_the_same_id(tmp_path: Path) -> None:
    """The id does not depend on the bytes of the file."""
    first = write_changeset(tmp_path / "a.cs", BODY, parent_id=ID)
    other = write_file(tmp_path, changeset_file(payload(BODY), dictionary=0x10))
    assert other.read_bytes() != (tmp_path / "a.cs").read_bytes()
    verify_changeset(other, id=first, parent_id=ID)


def test_a_prefix_cannot_pass_for_a_body(tmp_path: Path) -> None:
    """Prefix and body are hashed without a boundary, so a body must have its header."""
    prefix = b'{"ContainsSchemaChanges":true}\0'
    good = with_body(tmp_path, BODY, prefix)
    assert compute_changeset_id(good, None) == sha1(bytes(20), prefix, BODY)
    with pytest.raises(MalformedSessionError) as caught:
        compute_changeset_id(with_body(tmp_path, prefix + BODY), None)
    assert (caught.value.offset, caught.value.place) == (4, "payload")
    with pytest.raises(PatchsetError):
        compute_changeset_id(with_body(tmp_path, b"P" + BODY[1:]), None)
    assert compute_changeset_id(with_body(tmp_path, b""), None) == sha1(bytes(20))


@pytest.mark.parametrize("wrong", ["x", "0", ID + "0", ID[:-1], ID[:-1] + "g", f" {ID}", f"{ID}\n", "\u0660" * 40])
def test_what_is_no_id_is_refused(wrong: str, tmp_path: Path) -> None:
    """A parent's id has 40 hex digits or is empty; other ids have 40."""
    path = with_body(tmp_path, BODY)
    for use in (
        lambda: compute_changeset_id(path, wrong),
        lambda: verify_changeset(path, id=ID, parent_id=wrong),
        lambda: verify_changeset(path, id=wrong, parent_id=None),
        lambda: write_changeset(tmp_path / "new.cs", BODY, parent_id=wrong),
    ):
        with pytest.raises(ValueError, match="40 hex digits"):
            use()
    with pytest.raises(ValueError, match="40 hex digits"):
        verify_changeset(path, id="", parent_id=None)
    assert not (tmp_path / "new.cs").exists()


def test_a_mismatch_names_both_ids(tmp_path: Path) -> None:
    """It names the file, too."""
    path = with_body(tmp_path, BODY)
    with pytest.raises(ChangesetIdMismatchError) as caught:
        verify_changeset(path, id=OTHER_ID, parent_id=ID)
    actual = sha1(bytes.fromhex(ID), BODY)
    assert (caught.value.expected, caught.value.actual, caught.value.path) == (OTHER_ID, actual, str(path))
    assert (
        str(caught.value)
        == f"{path}: expected changeset id {OTHER_ID}, but the id computed from its content and parent is {actual}"
    )


def test_each_changed_byte_of_the_content_changes_the_id(tmp_path: Path) -> None:
    """This applies to body, text and parent."""
    known = {sha1(bytes.fromhex(ID), BODY)}
    for at in range(1, len(BODY)):
        changed = bytearray(BODY)
        changed[at] ^= 1
        known.add(compute_changeset_id(with_body(tmp_path, bytes(changed)), ID))
    assert len(known) == len(BODY)
