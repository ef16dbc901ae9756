"""The hub as a server: configuration, processes and ports."""
