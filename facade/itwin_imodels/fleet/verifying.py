"""Verifies the copy of one iModel, on a worker."""

from collections.abc import Sequence
from typing import Final

import attrs

from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import layout, planning
from itwin_imodels.fleet.copies import changeset_files, read_manifest, row_about
from itwin_imodels.fleet.report import FleetRow
from itwin_imodels.fleet.worker import Job, row_of, scratch, target_of

_AT_ONCE: Final = 100
"""Maximum number of files of a sample in the scratch folder."""
_NAMED: Final = 5
"""Maximum number of problems in a row of the report."""


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
    return row_of("verify", job, lambda: _verified(job))


def _verified(job: VerifyJob) -> FleetRow:
    target = target_of(job.target)
    manifest = read_manifest(target, job.imodel_id)
    files = changeset_files(target, manifest)
    sizes = {each.name: each.size for each in target.files(layout.changeset_folder(job.imodel_id))}
    right = [each for each in files if sizes.get(each.name) == each.size]
    chosen = planning.sampled([each.id for each in right], job.share, job.salt)
    sample = [each for each in right if each.id in chosen]
    problems = [_wrong_size(each, sizes.get(each.name)) for each in files if sizes.get(each.name) != each.size]
    problems += [f"{_named(each)} does not match its id" for each in _damaged(job, sample)]
    if problems:
        more = f" and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        raise FleetError(
            f"iModel {job.imodel_id}: {'; '.join(problems[:_NAMED])}{more}. Delete the damaged files and "
            f"{layout.manifest_path(job.imodel_id)}, and mirror again; only missing files are downloaded."
        )
    return attrs.evolve(row_about(manifest), checked_files=len(sample))


def _named(file: ChangesetFile) -> str:
    return f"the file of changeset {file.index} ({file.id})"


def _wrong_size(file: ChangesetFile, size: int | None) -> str:
    return f"{_named(file)} is missing" if size is None else f"{_named(file)} has {size} bytes, not {file.size}"


def _damaged(job: VerifyJob, files: Sequence[ChangesetFile]) -> list[ChangesetFile]:
    """Return the files whose content does not match their ids."""
    target = target_of(job.target)
    folder = layout.changeset_folder(job.imodel_id)
    found: list[ChangesetFile] = []
    for window in planning.windows(files, size_of=lambda each: each.size, files=_AT_ONCE):
        with scratch() as place:
            paths = target.get([f"{folder}/{each.name}" for each in window], place)
            found += [each for each, path in zip(window, paths, strict=True) if not each.matches(path, "id")]
    return found
