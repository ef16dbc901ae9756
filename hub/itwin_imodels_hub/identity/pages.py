"""HTML pages for sign-in, devices, sign-out and errors. They need no scripts and load no other resources."""

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
    """Render a page that cannot be framed and does not leak its URL as a referrer.

    Args:
        name: Name of the template.
        status: Status code of the response.
        form_targets: Content security policy sources that the form may lead to, including redirects.
        values: Variables of the template.
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
        # With a stricter policy than same-origin, the browser would not reveal that the form was sent from this page.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    content = _TEMPLATES.get_template(f"{name}.html").render(style=_STYLE, **values)
    return HTMLResponse(content, status, headers)


def problem_page(reason: str, status: int = 400) -> Response:
    """Render a page that explains why the request was rejected."""
    return page("problem", status, reason=reason)
