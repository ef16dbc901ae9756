"""The state of the hub in a relational database: tables, and functions that use them in a given transaction."""
