"""Write a migration from the tables of the existing migrations to those of the hub's schema.

python -m scripts.migration NAME
"""

import argparse
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from itwin_imodels_hub.store.engines import sqlite_engine
from itwin_imodels_hub.store.revisions import MIGRATIONS, upgrade_tables
from itwin_imodels_hub.store.schema import REVISION
from scripts.toolkit import ToolError, run, shown


def main(argv: list[str]) -> int:
    """Run ``make migration``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", help="what the migration does, in a few words")
    name = parser.parse_args(argv).name
    if ScriptDirectory(str(MIGRATIONS)).get_current_head() == REVISION:
        raise ToolError(f"schema.py: increment REVISION ({REVISION}) first")
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite_engine(Path(folder) / "hub.sqlite", durable=False)
        with engine.connect() as connection:
            upgrade_tables(connection)
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(MIGRATIONS))
            config.set_main_option("path_separator", "os")
            config.set_main_option("file_template", "revision_%%(rev)s")
            made = command.revision(config, name, autogenerate=True, rev_id=REVISION)
        engine.dispose()
    script = made[0] if isinstance(made, list) else made
    if script is None:
        raise ToolError("Alembic wrote no migration")
    print(f"written: {shown(Path(script.path))}; review and correct it")
    return 0


if __name__ == "__main__":
    run(main)
