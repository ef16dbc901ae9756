"""Verify the copy of one iModel, on a worker."""

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import layout, planning
from itwin_imodels.fleet.copies import changeset_files, read_manifest, row_about
from itwin_imodels.fleet.report import FleetRow
from itwin_imodels.fleet.worker import Job, row_of, scratch, target_of

_AT_ONCE: Final = 100
"""Maximum number of sampled files in the scratch folder at a time."""
_MAX_PROBLEMS: Final = 5
"""Maximum number of problems that one row of the report describes."""


@attrs.frozen(kw_only=True)
class VerifyJob(Job):
    """A job that verifies the copy of an iModel.

    Attributes:
        share: Share of the files whose ids are verified, from 0 to 1.
        salt: Hex digits that determine the sample.
    """

    share: float
    salt: str


def verify_imodel(job: VerifyJob) -> FleetRow:
    """Verify the copy of an iModel."""
    return row_of("verify", job, lambda: IModelVerification(job).run())


class IModelVerification:
    """A run over one iModel. Its memory use grows with the timeline only by the names and sizes of the files."""

    def __init__(self, job: VerifyJob) -> None:
        """Read the manifest."""
        self._job = job
        self._target = target_of(job.target)
        self._manifest = read_manifest(self._target, job.imodel_id)
        self._folder = layout.changeset_folder(job.imodel_id)
        self._problems: list[str] = []
        self._count = 0

    def run(self) -> FleetRow:
        """Check the sizes of all files and the ids of a sample.

        Raises:
            FleetError: Files are missing or damaged.
        """
        checked = 0
        for window in planning.windows(self._sample(), size_of=lambda each: each.size, max_files=_AT_ONCE):
            self._check_ids(window)
            checked += len(window)
        if self._problems:
            more = f" and {self._count - _MAX_PROBLEMS} more" if self._count > _MAX_PROBLEMS else ""
            raise FleetError(
                f"iModel {self._job.imodel_id}: {'; '.join(self._problems)}{more}. Delete the damaged files and "
                f"{layout.manifest_path(self._job.imodel_id)}, and mirror again; only missing files are downloaded."
            )
        return attrs.evolve(row_about(self._manifest), checked_files=checked)

    def _sample(self) -> Iterator[ChangesetFile]:
        """Yield the files whose ids are to be checked; record those that are missing or have the wrong size."""
        sizes = {each.name: each.size for each in self._target.files(self._folder)}
        for file in changeset_files(self._target, self._manifest):
            size = sizes.get(file.name)
            if size is None:
                self._note(file, "is missing")
            elif size != file.size:
                self._note(file, f"has {size} bytes, not {file.size}")
            elif planning.is_sampled(file.id, self._job.share, self._job.salt):
                yield file

    def _check_ids(self, files: Sequence[ChangesetFile]) -> None:
        with scratch() as place:
            paths = self._target.get([f"{self._folder}/{each.name}" for each in files], place)
            for file, path in zip(files, paths, strict=True):
                if not file.matches(path, "id"):
                    self._note(file, "does not match its id")

    def _note(self, file: ChangesetFile, problem: str) -> None:
        self._count += 1
        if len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(f"the file of changeset {file.index} ({file.id}) {problem}")
