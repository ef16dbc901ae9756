"""The resources of a client: one method for each operation."""
