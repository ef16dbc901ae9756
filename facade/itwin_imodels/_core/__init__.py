"""Parts that everything else stands on: checks, options, retries, waiting, secrets, telemetry."""
