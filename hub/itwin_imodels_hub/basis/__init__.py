"""Shared foundations of the hub: clock, ids, settings, the data folder."""
