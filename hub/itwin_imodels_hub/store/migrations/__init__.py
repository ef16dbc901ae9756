"""Migrations between the revisions of the tables; see README.md in this folder."""
