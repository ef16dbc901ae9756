"""Timelines of more than one page."""

from pathlib import Path

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.mirror import open_mirror
from itwin_imodels_hub import Fault, LocalHub
from tests.workflows.helpers.bench import Shown
from tests.workflows.helpers.files import changeset_file
from tests.workflows.helpers.histories import History, planted

LENGTH = 2101


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that all changesets have."""
    return changeset_file(tmp_path_factory.mktemp("content"))


@pytest.fixture(scope="module")
def long_history(whole_hub: LocalHub, content: Path) -> History:
    """An iModel with a long timeline, in which only the sizes of files are right."""
    files = [Path(f"{number:040x}.cs") for number in range(1, LENGTH + 1)]
    return planted(whole_hub, files, contents=[content] * LENGTH)


@pytest.mark.thorough
@pytest.mark.usefixtures("hub")
def test_the_total_is_unknown_until_the_list_ends(
    client: IModelsClient, long_history: History, content: Path, tmp_path: Path
) -> None:
    """Progress of a range of two pages."""
    for file in long_history.files[:1090]:
        (tmp_path / file.name).hardlink_to(content)
    shown, size = Shown(), content.stat().st_size
    pulled = client.pull_changesets(long_history.imodel_id, tmp_path, until=1100, progress=shown, verify="size")
    long_history.assert_given(pulled, tmp_path)
    assert len(long_history.requests("/storage")) == 10
    assert shown.reports[0] == (size, None)
    assert shown.reports[-1] == (1100 * size, 1100 * size)
    assert [done for done, _ in shown.reports] == sorted(done for done, _ in shown.reports)


def test_a_mirror_lists_in_parallel(
    client: IModelsClient, hub: LocalHub, long_history: History, tmp_path: Path
) -> None:
    """Several pages are requested in parallel, in order, and a list that fails is resumed."""
    imodel_id = long_history.imodel_id
    hub.control.faults.add(Fault(path="/changesets$", action="answer", status=500, skip=4, times=1000))
    with pytest.raises(errors.ServerError):
        client.mirror_timeline(imodel_id, tmp_path, files=False)
    hub.control.faults.clear()
    hub.control.log.clear()
    with open_mirror(tmp_path) as mirror:
        before = len(mirror)
        result = client.mirror_timeline(imodel_id, tmp_path, files=False)
        assert (result.changesets, result.new_changesets) == (LENGTH, LENGTH - before)
        assert [each.changeset.id for each in mirror.changesets()] == long_history.ids
        assert [each.changeset.index for each in mirror.changesets(after=999, until=2001)] == list(range(1000, 2002))
    assert 1 <= sum("lastIndex" in each.query for each in hub.control.log.requests) <= 3
