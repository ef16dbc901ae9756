"""Implementation of the ways to authenticate; `itwin_imodels.auth` has the public names."""
