# Made from facade/itwin_imodels/_aio/__init__.py by 'make unasync'. Change that file, not this one.
"""The client for programs with an event loop. The other one is made from it by `make unasync`."""
