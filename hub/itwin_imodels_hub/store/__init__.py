"""State of the hub in a relational database: tables, and functions that read and write them in a given transaction."""
