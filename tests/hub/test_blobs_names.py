"""Names of blobs and their folders."""

import string
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels_hub.blobs.name_syntax import encode_segment, folder_of, name_of, split_name

_ANY = st.text(st.characters(), max_size=30)
_LIKELY = st.text(st.sampled_from("aA.~%/\\ -_é\0:"), max_size=12)


def _allowed(name: str) -> bool:
    try:
        split_name(name)
    except ValueError:
        return False
    return True


_VALID = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/\\\ufffe\uffff")
_SEGMENT = st.text(_VALID, min_size=1, max_size=30) | st.text(st.sampled_from("aA.~% -_é:"), min_size=1, max_size=12)
NAMES = st.lists(_SEGMENT.filter(_allowed), min_size=1, max_size=4).map("/".join)


@given(name=NAMES)
def test_round_trip(name: str) -> None:
    """The name of a blob can be computed from its folder."""
    assert name_of(folder_of(name)) == name


@given(name=st.one_of(_ANY, _LIKELY))
def test_no_name_leaves_the_folder(name: str) -> None:
    """The folder of any valid name is below that of the store."""
    if not _allowed(name):
        return
    folder = folder_of(name)
    assert not folder.is_absolute()
    assert len(folder.parts) == name.count("/") + 1
    for part in folder.parts:
        assert part not in {"", ".", ".."}
        assert not part.startswith(".")
        assert set(part) <= set(string.ascii_lowercase + string.digits + "._-%~")
    assert (Path("/store") / folder).resolve().is_relative_to("/store")


@given(one=NAMES, other=NAMES)
def test_names_do_not_meet(one: str, other: str) -> None:
    """Two names have two folders, also where case and trailing dots are ignored."""
    if one != other:
        assert [part.rstrip(".").casefold() for part in folder_of(one).parts] != [
            part.rstrip(".").casefold() for part in folder_of(other).parts
        ]


@given(name=NAMES, more=NAMES)
def test_blob_and_folder_of_the_same_name(name: str, more: str) -> None:
    """The name of a blob can be the beginning of another one's name."""
    if _allowed(f"{name}/{more}"):
        assert folder_of(name) not in folder_of(f"{name}/{more}").parents


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "/",
            "a/",
            "/a",
            "a//b",
            ".",
            "..",
            "a/../b",
            "a/./b",
            "a\0b",
            "a\\b",
            "a\nb",
            "\x7f",
            "\ud800",
            "\uffff",
        ),
        *("a" * 1025, "é" * 100),
    ],
    ids=ascii,
)
def test_refused(name: str) -> None:
    """Names that no blob can have."""
    with pytest.raises(ValueError, match="blob name"):
        folder_of(name)


@pytest.mark.parametrize(
    ("segment", "encoded"),
    [
        ("a-b_c.7", "a-b_c.7"),
        (".hidden", "%2ehidden"),
        ("...", "%2e.%2e"),
        ("A", "%41"),
        ("é%", "%c3%a9%25"),
        ("~", "%7e"),
    ],
)
def test_encoding(segment: str, encoded: str) -> None:
    """Plain characters stay readable, everything else becomes percent codes."""
    assert encode_segment(segment) == encoded


@pytest.mark.parametrize("folder", ["", "a", "a/b"])
def test_folders_of_no_blob(folder: str) -> None:
    """A folder that contains only other folders is not that of a blob."""
    with pytest.raises(ValueError, match="not the folder"):
        name_of(PurePosixPath(folder))
