"""``imodels permission``: who may do what."""

from typing import Annotated, Literal

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.rows import PermissionRow
from itwin_imodels.cli.run import Run

app = Commands("permission", GROUPS["permission"])


@app.verb("show", example="imodels permission show Bridge\nimodels permission show Bridge --of roles")
def show(
    run: Run,
    imodel: IModelName,
    *,
    of: Annotated[
        Literal["me", "roles", "users"], typer.Option(help="Yours, or those that roles or users have on this iModel.")
    ] = "me",
) -> None:
    """Show what you may do with an iModel, or what roles or users may.

    Roles and users are listed when the iModel has permissions of its own, which replace those of the iTwin.
    """
    imodel_id = run.imodel_id(imodel)
    permissions = run.client.permissions
    if of == "me":
        run.list([PermissionRow(permission=str(each)) for each in permissions.get(imodel_id)], views.PERMISSION)
    else:
        grants = permissions.get_roles(imodel_id) if of == "roles" else permissions.get_users(imodel_id)
        run.list(grants, views.GRANT)


@app.verb(
    "set",
    example="imodels permission set Bridge users 99cf5e21-735c-4598-99eb-fe3940f96353 imodels_read imodels_write\n"
    "imodels permission set Bridge users 99cf5e21-735c-4598-99eb-fe3940f96353 --none",
)
def set_(
    run: Run,
    imodel: IModelName,
    of: Annotated[Literal["roles", "users"], typer.Argument(help="Of what kind it is.")],
    id: Annotated[str, typer.Argument(help="Id of the role or the user.")],  # noqa: A002 - the service's own word
    permissions: Annotated[
        list[str] | None, typer.Argument(help="What it may do: imodels_webview, _read, _write, _manage, _delete.")
    ] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="Take its permissions away.")] = False,
) -> None:
    """Give a role or a user permissions on an iModel, which then replace those of its iTwin. Others keep theirs."""
    if none == bool(permissions):
        raise ValueError("name the permissions, or take them away with --none")
    from itwin_imodels.models import PermissionGrant  # noqa: PLC0415 - help needs no models

    grants = [PermissionGrant(id=id, permissions=permissions or ())]
    imodel_id = run.imodel_id(imodel)
    update = run.client.permissions.update_roles if of == "roles" else run.client.permissions.update_users
    run.list(update(imodel_id, grants), views.GRANT)
