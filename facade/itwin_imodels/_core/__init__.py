"""Foundations of the package: checks, options, retries, waiting, secrets, telemetry."""
