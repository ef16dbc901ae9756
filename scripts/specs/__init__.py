"""Rules about API definitions: reading, correcting, comparing, linting. No network, no generator."""
