"""Background work of the hub: jobs, checkpoints, baselines."""
