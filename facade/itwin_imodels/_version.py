"""The version of the distribution. It is set only here."""

__version__ = "0.1.0"
