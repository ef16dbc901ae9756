"""Conclusions from recorded drift for the definition."""
