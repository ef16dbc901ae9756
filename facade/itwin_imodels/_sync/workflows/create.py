# Made from facade/itwin_imodels/_aio/workflows/create.py by 'make unasync'. Change that file, not this one.
"""Creating iModels."""

from os import PathLike
from pathlib import Path

from itwin_imodels._core.background import blocking
from itwin_imodels._core.local_files import local_path
from itwin_imodels._sync.resources.baseline_files import BaselineFiles
from itwin_imodels._sync.resources.imodels import IModels
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.settling import settle
from itwin_imodels._sync.workflows.pending_imodel import PendingIModel
from itwin_imodels._transfer import FileState, ProgressCallback, UploadItem
from itwin_imodels._transfer.runners import Runner
from itwin_imodels._workflows import create as rules
from itwin_imodels._workflows.create import NewIModel
from itwin_imodels._workflows.databases import baseline_state
from itwin_imodels.errors import AlreadyExists, NotFound, UnexpectedResponse, ValidationFailed
from itwin_imodels.models import (
    BaselineFile,
    BaselineFileState,
    CreatedIModel,
    IModelState,
    IModelTemplate,
)

__all__ = ["BaselineUpload", "Creation"]


class Creation:
    """The creation of one iModel."""

    def __init__(self, session: Session, new: NewIModel) -> None:
        """Prepare the creation.

        Args:
            session: Sends the requests.
            new: The iModel to create.
        """
        self._session = session
        self._new = new
        self._imodels = IModels(session)
        self._baseline_files = BaselineFiles(session)

    def begin(self, template: IModelTemplate | None = None) -> PendingIModel:
        """Create an empty iModel, or one from a template."""
        created = self._announce(template=template)
        return PendingIModel(self._session, created.id)

    def begin_from_baseline(
        self, file: str | PathLike[str], *, replace_unfinished: bool, progress: ProgressCallback | None
    ) -> PendingIModel:
        """Create the iModel from a file: announce the file, upload it, confirm the upload.

        Args:
            file: The file.
            replace_unfinished: Whether to first delete an existing iModel that has the same name but no content.
            progress: Called with the number of bytes uploaded and the size of the file.
        """
        path = local_path(file)
        state = blocking(baseline_state, path)
        try:
            created = self._announce(size=state.size)
        except AlreadyExists as error:
            self._make_room(error, replace_unfinished=replace_unfinished)
            created = self._announce(size=state.size)
        BaselineUpload(self._session, created).run(path, state, progress)
        return PendingIModel(self._session, created.id, from_baseline=True)

    def _announce(self, *, template: IModelTemplate | None = None, size: int | None = None) -> CreatedIModel:
        new = self._new
        return self._imodels.create(
            new.itwin_id,
            new.name,
            description=new.description,
            extent=new.extent,
            template=template,
            baseline_file_size=size,
            containers_enabled=new.containers_enabled,
            horizontal_crs_id=new.horizontal_crs_id,
        )

    def _make_room(self, error: AlreadyExists, *, replace_unfinished: bool) -> None:
        """Delete an unfinished iModel with the same name; raise the error if there is none or it must be kept."""
        present = self._namesake()
        if present is None:
            raise error
        state = str(present.state)
        if not (replace_unfinished and rules.is_unfinished(state)):
            error.add_note(rules.note_on_namesake(present.imodel_id, state))
            raise error
        self._imodels.delete(present.imodel_id)

    def _namesake(self) -> BaselineFile | None:
        """Return the baseline file of the iModel that has the name: its state is the state of the creation."""
        imodel = self._imodels.get_by_name(self._new.itwin_id, self._new.name)
        if imodel is None:
            return None
        try:
            file = self._baseline_files.get(imodel.id)
        except NotFound:
            return None
        return None if imodel.state == IModelState.INITIALIZED and rules.is_unfinished(str(file.state)) else file


class BaselineUpload:
    """The upload of the baseline file of one announced iModel."""

    def __init__(self, session: Session, created: CreatedIModel) -> None:
        """Prepare the upload.

        Args:
            session: Sends the requests.
            created: The announced iModel.
        """
        self._created = created
        self._transfers = session.pool.transfers
        self._baseline_files = BaselineFiles(session)

    def run(self, path: Path, announced: FileState, progress: ProgressCallback | None) -> None:
        """Upload the file and confirm the upload.

        Args:
            path: The file.
            announced: State of the file when it was announced.
            progress: Called with the number of bytes uploaded and the size of the file.
        """
        imodel_id = self._created.id
        with rules.noted(rules.note_on_upload(imodel_id)):
            if self._created.upload is None:
                raise UnexpectedResponse(f"iModel {imodel_id}: the service returned no link to upload its baseline")
            item = UploadItem(file=path, link=self._created.upload, name=path.name, announced=announced)
            Runner().run(self._transfers.upload, item, progress=progress)
        with rules.confirmation_noted(imodel_id):
            self._confirm()

    def _confirm(self) -> None:
        imodel_id = self._created.id

        def confirmed() -> BaselineFile | None:
            file = self._baseline_files.get(imodel_id)
            return None if file.state == BaselineFileState.WAITING_FOR_FILE else file

        settle(lambda: self._baseline_files.complete(imodel_id), confirmed, unclear=(ValidationFailed,))
