"""The hub as a whole, and its test controls: time, faults, seeds, snapshots."""
