"""What the hub does in the background: jobs, checkpoints, baselines."""
