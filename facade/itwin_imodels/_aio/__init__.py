"""The asynchronous client, from which `make unasync` generates the synchronous one."""
