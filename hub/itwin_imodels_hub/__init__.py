"""The iModels API served from this machine."""

__all__: list[str] = []
