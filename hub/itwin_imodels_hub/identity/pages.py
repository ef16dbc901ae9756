"""What people see: one page to sign in, one for what is wrong, one at the end. They need no script and nothing else."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

_TEMPLATES: Final = Environment(
    loader=PackageLoader(__package__),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE: Final = _TEMPLATES.get_template("style.css").render()
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()


def page(name: str, status: int = 200, *, form_targets: Iterable[str] = (), **values: object) -> Response:
    """Give a page that no other page can frame, and that keeps its address to itself.

    Args:
        name: Name of its template.
        status: Status of the answer.
        form_targets: Where its form may lead, in the end.
        values: What the template shows.
    """
    policy = [
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "img-src data:",
        f"form-action {' '.join(form_targets) or chr(39) + 'none' + chr(39)}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        # Without any referrer the browser would not say either that the form is sent from here.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    content = _TEMPLATES.get_template(f"{name}.html").render(style=_STYLE, **values)
    return HTMLResponse(content, status, headers)


def problem_page(reason: str, status: int = 400) -> Response:
    """Tell a person what is wrong with the request that brought the browser here."""
    return page("problem", status, reason=reason)
