"""Blobs in a local folder."""
