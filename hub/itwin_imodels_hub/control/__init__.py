"""The hub as a whole, and what only tests do to it: time, faults, seeds, snapshots."""
