"""Ways to authenticate, and the header that they give each request; `itwin_imodels.auth` has the public names."""
