"""What recorded drift means for the definition."""
