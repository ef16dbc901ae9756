"""Tools of the project. Each file with a ``main`` is one Makefile target; ``specs`` holds their rules."""
