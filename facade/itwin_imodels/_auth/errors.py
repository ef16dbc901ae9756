"""What a program can do something about itself."""

from itwin_imodels.errors import AuthError


class LoginRequired(AuthError):  # noqa: N818 - named like the others of the tree
    """A person has to sign in: nobody has on this machine, or the sign-in is no longer valid."""
