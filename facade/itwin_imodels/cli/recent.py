"""``imodels recent``: the iModels that the caller used most recently."""

from itwin_imodels.cli.marks import commands

app = commands("recent", lambda client: client.recents, "your recently used iModels")
