"""Rules for API definitions: reading, correcting, comparing, linting. No network, no generator."""
