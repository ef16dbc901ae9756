"""Authentication errors that a program can handle itself."""

from itwin_imodels.errors import AuthError


class LoginRequired(AuthError):  # noqa: N818 - named like the other errors of the package
    """The user must sign in: nobody has signed in on this machine, or the sign-in has expired."""
