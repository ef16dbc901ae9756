# Made from facade/itwin_imodels/_aio/__init__.py by 'make unasync'. Change that file, not this one.
"""The synchronous client."""
