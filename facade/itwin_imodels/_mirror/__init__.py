"""The files of a mirrored timeline."""
