"""Stable client of the iTwin Platform iModels API."""

from itwin_imodels._version import __version__

__all__ = ["__version__"]
