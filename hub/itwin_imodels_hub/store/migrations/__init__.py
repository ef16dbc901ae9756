"""The steps from one revision of the hub's tables to the next; see README.md beside this file."""
