"""The API that a client connects to, its credentials and its HTTP connections."""
