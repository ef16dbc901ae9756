"""Hubs as programs: configuration, processes and ports."""
