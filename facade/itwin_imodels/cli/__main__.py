"""Entry point of ``python -m itwin_imodels.cli``."""

from itwin_imodels.cli import main

if __name__ == "__main__":
    main()
