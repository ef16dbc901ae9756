# Made from facade/itwin_imodels/_aio/workflows/__init__.py by 'make unasync'. Change that file, not this one.
"""The workflows of a client: several operations together."""
