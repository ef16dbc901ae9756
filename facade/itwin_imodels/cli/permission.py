"""``imodels permission``: permissions on an iModel."""

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
        Literal["me", "roles", "users"], typer.Option(help="Show your permissions, or those of roles or users.")
    ] = "me",
) -> None:
    """Show your permissions on an iModel, or those of roles or users.

    Roles and users are listed only if the iModel has its own permissions, which override those of its iTwin.
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
    of: Annotated[Literal["roles", "users"], typer.Argument(help="Whether the id belongs to a role or to a user.")],
    id: Annotated[str, typer.Argument(help="Id of the role or the user.")],  # noqa: A002 - the service's name for it
    permissions: Annotated[
        list[str] | None, typer.Argument(help="Permissions to grant: imodels_webview, _read, _write, _manage, _delete.")
    ] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="Remove all permissions of the role or user.")] = False,
) -> None:
    """Set the permissions of a role or user on an iModel. They override those of its iTwin."""
    if none == bool(permissions):
        raise ValueError("specify either permissions or --none, which removes all permissions")
    from itwin_imodels.models import PermissionGrant  # noqa: PLC0415 - help needs no models

    grants = [PermissionGrant(id=id, permissions=permissions or ())]
    imodel_id = run.imodel_id(imodel)
    update = run.client.permissions.update_roles if of == "roles" else run.client.permissions.update_users
    run.list(update(imodel_id, grants), views.GRANT)
