"""``imodels favorite``: the caller's favorite iModels."""

from itwin_imodels.cli.marks import commands

app = commands("favorite", lambda client: client.favorites, "your favorites")
