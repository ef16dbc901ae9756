"""``imodels share``: keys that grant anyone read access to an iModel."""

from typing import Annotated, Literal

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName, Limit, PageSize, Yes
from itwin_imodels.cli.columns import View
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("share", GROUPS["share"])

ShareId = Annotated[str, typer.Argument(metavar="SHARE", help="Id of the share.")]
ShowKey = Annotated[bool, typer.Option("--show-key", help="Print the key too; anyone who has it can read the iModel.")]
Expires = Annotated[
    str,
    typer.Option(metavar="TIME", help="When the share expires (UTC), such as 2027-01-31; at most 6 months from now."),
]


@app.verb("list", example="imodels share list Bridge")
def list_(
    run: Run, imodel: IModelName, *, show_key: ShowKey = False, limit: Limit = None, page_size: PageSize = None
) -> None:
    """List your shares of an iModel."""
    run.list(run.client.shares.list(run.imodel_id(imodel), limit=limit, page_size=page_size), _view(show_key=show_key))


@app.verb("show", example="imodels share show Bridge 0f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b --show-key")
def show(run: Run, imodel: IModelName, share: ShareId, *, show_key: ShowKey = False) -> None:
    """Show a share."""
    run.show(run.client.shares.get(run.imodel_id(imodel), share), _view(show_key=show_key))


@app.verb("create", example="imodels share create Bridge Review --expires 2027-01-31 --permission imodels_read")
def create(
    run: Run,
    imodel: IModelName,
    name: Annotated[str, typer.Argument(help="Name of the share.", show_default=False)],
    *,
    expires: Expires,
    permission: Annotated[
        Literal["imodels_webview", "imodels_read"],
        typer.Option(help="Permission to grant; imodels_read also allows downloads."),
    ] = "imodels_webview",
) -> None:
    """Create a share, a key that grants anyone read access to an iModel, and print it."""
    imodel_id = run.imodel_id(imodel)
    share = run.client.shares.create(imodel_id, name, expires_at=expires, permission=permission)
    run.warn("anyone who has the key can read the iModel; it is printed on standard output")
    run.show(share, views.SHARE_WITH_KEY)


@app.verb("update", example="imodels share update Bridge 0f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b --expires 2027-02-28")
def update(run: Run, imodel: IModelName, share: ShareId, *, expires: Expires) -> None:
    """Change the expiry of a share."""
    run.show(run.client.shares.update(run.imodel_id(imodel), share, expires_at=expires), views.SHARE)


@app.verb("revoke", example="imodels share revoke Bridge 0f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b --yes")
def revoke(run: Run, imodel: IModelName, share: ShareId, *, yes: Yes = False) -> None:
    """Revoke a share. Its key becomes invalid permanently."""
    imodel_id = run.imodel_id(imodel)
    run.confirm(lambda: f"Revoke share {share}? Its key becomes invalid permanently.", yes=yes)
    run.client.shares.revoke(imodel_id, share)
    run.note(f"Revoked share {share}.")


def _view(*, show_key: bool) -> View:
    return views.SHARE_WITH_KEY if show_key else views.SHARE
