"""The client for programs with an event loop. The other one is made from it by `make unasync`."""
