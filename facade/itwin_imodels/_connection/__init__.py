"""How a client connects: the URL of the API, the credentials, and the HTTP connections."""
