"""What Alembic runs for each command: our connection, and how our types are written down."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import String

from itwin_imodels_hub.store.column_types import Instant
from itwin_imodels_hub.store.schema import metadata


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write a type of ours so that the step does not change when the type does; leave others to Alembic."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    if kind == "type" and type(item) is String:
        autogen.imports.add("from itwin_imodels_hub.store.column_types import text_of")
        return f"text_of({item.length})"
    return False


def take_steps() -> None:
    """Do what the command wants, on the connection that it was given."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


if __name__ == "env_py":  # the name that Alembic runs it by; who only imports it has no command
    take_steps()
