"""Tools for the project. Each module with a ``main`` implements a Makefile target; ``specs`` contains their rules."""
