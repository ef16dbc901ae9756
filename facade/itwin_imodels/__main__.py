"""Entry point of ``python -m itwin_imodels``."""

from itwin_imodels.cli import main

if __name__ == "__main__":
    main()
