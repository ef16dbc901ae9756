"""``imodels recent``: the iModels that the caller used last."""

from itwin_imodels.cli.marks import commands

app = commands("recent", lambda client: client.recents, "the iModels that you used last")
