"""The workflows of a client: several operations together."""
