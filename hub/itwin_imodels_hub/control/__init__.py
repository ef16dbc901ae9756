"""The assembled hub and its test controls: time, faults, seeds, snapshots."""
