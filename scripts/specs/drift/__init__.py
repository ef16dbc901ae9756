"""What recorded drift implies for the definition."""
