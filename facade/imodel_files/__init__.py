"""File formats that iModels travel in. Standard library only; no network."""

__all__: list[str] = []
