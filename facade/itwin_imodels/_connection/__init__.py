"""Where a client connects to, and with which credentials."""
