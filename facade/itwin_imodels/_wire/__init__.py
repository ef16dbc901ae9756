"""The seam: the only part that knows the generated client. Builds its arguments and reads its answers; no I/O."""
