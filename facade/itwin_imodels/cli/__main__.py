"""The command, for ``python -m itwin_imodels.cli``."""

from itwin_imodels.cli import main

main()
