"""``imodels auth``: signing in and out."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import Timeout
from itwin_imodels.cli.cells import local_time
from itwin_imodels.cli.claims import Claims, bare_token, claims_of
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.rows import SignIn
from itwin_imodels.cli.run import Run
from itwin_imodels.errors import AuthError

if TYPE_CHECKING:
    from itwin_imodels.auth import AuthorizationCode, DeviceCode, DevicePrompt, LoginStatus

app = Commands("auth", GROUPS["auth"])

_TIMEOUT = 300.0
_WITH_TOKEN = ("token", "sign_in")


@app.verb("login", example="imodels auth login --client-id native-abc\nimodels auth login --device")
def login(
    run: Run,
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the URL instead of opening it.")] = False,
    device: Annotated[
        bool,
        typer.Option("--device", help="Show a code to enter in a browser on any device, if the server supports it."),
    ] = False,
    timeout: Timeout = _TIMEOUT,
) -> None:
    """Sign in with a browser. The sign-in is stored and renewed automatically until it expires on the server."""
    from itwin_imodels.cli.access import SECRETS, device_sign_in, sign_in  # noqa: PLC0415 - help needs no HTTP

    def show(address: str) -> None:
        typer.echo(f"Open this URL in a browser on this machine:\n{address}", err=True)

    way: AuthorizationCode | DeviceCode
    if device:
        way = device_sign_in(run.settings, timeout=timeout, prompt=_show_code)
    else:
        way = sign_in(run.settings, timeout=timeout, open_browser=show if no_browser else None)
    with run.waiting("Waiting for you to sign in", timeout):
        way.login()
    if not sign_in(run.settings).status().signed_in:
        raise AuthError(
            "the sign-in ends with this command, because the server issued no refresh token: the scope must contain "
            "offline_access"
        )
    run.note(f"Signed in with client {way.client_id}.")
    ahead = [variable for variable in SECRETS if os.environ.get(variable)]
    if ahead:
        run.warn(f"{ahead[0]} is set and takes precedence over this sign-in")


def _show_code(prompt: "DevicePrompt") -> None:
    typer.echo(f"{prompt}.", err=True)
    if prompt.verification_uri_complete:
        typer.echo(f"Or open {prompt.verification_uri_complete}", err=True)


@app.verb("logout", example="imodels auth logout")
def logout(run: Run) -> None:
    """Delete the stored sign-in, and revoke it if the server supports that."""
    from itwin_imodels.cli.access import sign_in  # noqa: PLC0415 - help needs no HTTP

    way = sign_in(run.settings)
    was_signed_in = way.status().signed_in
    way.logout()
    nobody = f"Nobody was signed in with client {way.client_id} at {way.authority}."
    run.note(f"Signed out of {way.client_id}." if was_signed_in else nobody)


@app.verb("status", example="imodels auth status --output json")
def status(run: Run) -> None:
    """Show the credentials in use: whose they are, when they expire and where they are stored.

    Exits with code 5 if no credentials are configured, or the token has expired.
    """
    from itwin_imodels.auth import LoginRequired  # noqa: PLC0415 - help needs no HTTP

    status = _status(run)
    run.show(status, views.SIGN_IN)
    if not status.signed_in and status.expires_at:
        raise LoginRequired(f"the token in IMODELS_TOKEN expired at {local_time(status.expires_at)}")
    if not status.signed_in:
        raise LoginRequired("you are not signed in; run 'imodels auth login'")
    facts = (("user", status.user), ("expiry", status.expires_at))
    missing = " and ".join(name for name, value in facts if value is None)
    if missing and status.way in _WITH_TOKEN:
        run.note(
            f"The token does not contain its {missing}; 'imodels itwin list' shows whether the service accepts it."
        )


@app.verb("token", example='curl -H "Authorization: Bearer $(imodels auth token)" https://api.bentley.com/…')
def token(run: Run) -> None:
    """Print an access token for use by other programs. Keep it secret."""
    from itwin_imodels.auth import ShareKey, TokenSource  # noqa: PLC0415 - help needs no HTTP
    from itwin_imodels.cli.access import access  # noqa: PLC0415 - as above

    way = access(run.settings)
    if isinstance(way, ShareKey):
        raise AuthError("there is no token: IMODELS_SHARE_KEY is set and takes precedence")
    token = way.get_token().value if isinstance(way, TokenSource) else bare_token(str(way))
    run.warn("the token is secret: anyone who has it can act as you until it expires")
    run.output.write(f"{token}\n")


def _status(run: Run) -> SignIn:
    from itwin_imodels.cli.access import (  # noqa: PLC0415 - help needs no HTTP
        CLIENT_SECRET,
        SHARE_KEY,
        TOKEN,
        client_credentials,
        sign_in,
    )

    settings = run.settings
    ways = {TOKEN: "token", SHARE_KEY: "share_key", CLIENT_SECRET: "client_credentials"}
    way = next((way for variable, way in ways.items() if os.environ.get(variable)), "sign_in")
    kept: LoginStatus | None = None
    claims = Claims()
    if way == "token":
        claims = claims_of(os.environ[TOKEN])
    elif way == "client_credentials":
        client_credentials(settings)
    elif way == "sign_in":
        if settings["client_id"] is None:
            way = "none"
        else:
            person = sign_in(settings)
            kept = person.status()
            if kept.signed_in:
                claims = _claims(run, person)
                kept = person.status()  # a sign-in that the server rejected has been deleted
    return SignIn(
        way=way,
        signed_in=kept.signed_in if kept else way != "none" and not _has_expired(claims),
        client_id=settings["client_id"],
        environment=settings["environment"],
        base_url=settings["base_url"],
        user=claims.user,
        expires_at=claims.expires_at,
        kept_in=_in_words(kept.kept_in) if kept else None,
    )


def _has_expired(claims: Claims) -> bool:
    return claims.expires_at is not None and claims.expires_at <= datetime.now(UTC)


def _claims(run: Run, person: "AuthorizationCode") -> Claims:
    """Return the claims in the token of a signed-in user. Renewing it shows whether the sign-in is still valid."""
    try:
        token = person.get_token()
    except AuthError as error:
        run.warn(f"the sign-in cannot be renewed: {error}")
        return Claims()
    claims = claims_of(token.value)
    return Claims(user=claims.user, expires_at=claims.expires_at or token.expires_at)


def _in_words(store: str) -> str:
    """Describe a store of sign-ins, given its `repr`."""
    if store.startswith("Keyring"):
        return "the system's keyring"
    path = store.partition("(")[2].rstrip(")").strip("'")
    return f"a file that only you can read, in {path}" if path else store
