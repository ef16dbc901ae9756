"""Alembic environment: uses the given connection, and renders our column types."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import String

from itwin_imodels_hub.store.column_types import Instant
from itwin_imodels_hub.store.schema import metadata


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Render our column types by their current definition, so that later changes do not affect a migration."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    if kind == "type" and type(item) is String:
        autogen.imports.add("from itwin_imodels_hub.store.column_types import text_of")
        return f"text_of({item.length})"
    return False


def run_command() -> None:
    """Run the Alembic command on the given connection."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


if __name__ == "env_py":  # the module name that Alembic uses; an ordinary import runs nothing
    run_command()
