"""Requests and response readers of all operations, without I/O. Only `endpoints` uses the generated client."""
