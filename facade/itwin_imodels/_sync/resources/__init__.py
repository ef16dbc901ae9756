# Made from facade/itwin_imodels/_aio/resources/__init__.py by 'make unasync'. Change that file, not this one.
"""The resources of a client: one method for each operation."""
