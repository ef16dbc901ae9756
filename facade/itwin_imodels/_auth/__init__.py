"""Implementations of the authentication methods; `itwin_imodels.auth` has the public names."""
