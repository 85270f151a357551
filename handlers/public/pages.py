"""Making public pages: templates, headers that keep strangers and caches out, JSON for those who ask for it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web

from handlers.public import texts
from services.rules.benchmark_steps import plain
from services.rules.localtime import SHANGHAI, local_date
from services.rules.money import format_yuan

_HERE: Final = Path(__file__).parent
STYLE: Final = (_HERE / "static" / "public.css").read_bytes()
ICON: Final = (_HERE / "static" / "icon.svg").read_bytes()
_FORMS: Final = b"".join((_HERE / "static" / name).read_bytes() for name in ("forms.css", "forms.js"))
VERSION: Final = hashlib.sha256(STYLE + ICON + _FORMS).hexdigest()[:10]

#: No script at all; forms, styles and pictures only from here.
_POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
#: With a script of ours, and the small drawings that WeUI's stylesheet holds.
SCRIPTED: Final = _POLICY.replace("img-src 'self'", "img-src 'self' data:") + "; script-src 'self'"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        yuan=format_yuan,
        plain=plain,
        day=local_date,
        moment=lambda at: at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
    )
    environment.globals.update(version=VERSION, stamps=texts.STAMPS)
    return environment


_PAGES: Final = _environment()


def page(template: str, *, status: int = 200, **context: Any) -> web.Response:
    """A page of ours."""
    return web.Response(
        text=_PAGES.get_template(template).render(context),
        status=status,
        content_type="text/html",
        charset="utf-8",
    )


def document(content: Mapping[str, Any], *, status: int = 200) -> web.Response:
    """One JSON document."""
    return web.json_response(
        dict(content), status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False)
    )


def error_page(request: web.Request, status: int) -> web.Response:
    """What went wrong, in Chinese, or as JSON."""
    title, sentence = texts.page_of(status)
    if wants_json(request):
        return document({"error": title, "message": sentence}, status=status)
    return page("error.html", status=status, title=title, sentence=sentence)


def protect(response: web.StreamResponse, *, https: bool, framed_by: Sequence[str]) -> None:
    """Headers of every public answer: kept nowhere, found by no search engine, its address passed on to nobody.

    `framed_by` are origins that may show it in a frame; mostly none. A page that needs more than the usual policy brings
    its own, without the ancestors.
    """
    response.headers.setdefault("Cache-Control", "no-store")
    policy = response.headers.get("Content-Security-Policy", _POLICY)
    ancestors = " ".join(framed_by) or "'none'"
    response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {ancestors}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if not framed_by:
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    response.headers["Vary"] = "Accept"
    if https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


def wants_json(request: web.Request) -> bool:
    """Whether JSON is asked for rather than a page (RFC 9110, 12.5.1); equal or unsaid means a page."""
    weights = {"application/json": 0.0, "text/html": 0.0}
    for part in request.headers.get("Accept", "").split(","):
        media, _, parameters = part.strip().lower().partition(";")
        if media.strip() in weights:
            weights[media.strip()] = max(weights[media.strip()], _weight(parameters))
    return weights["application/json"] > weights["text/html"]


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
