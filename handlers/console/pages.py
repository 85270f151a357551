"""Making pages: the template environment, its filters, and what every page knows."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp_jinja2
import jinja2
from aiohttp import web

from handlers.console import navigation, refusals, texts
from handlers.console.changes import changes
from handlers.console.context import SIGNED_IN, TOOLS
from services.models import StaffRole
from services.notices.picture_texts import doubt, problem_and_remedy
from services.rules.benchmark_steps import plain
from services.rules.localtime import SHANGHAI, local_date, local_datetime
from services.rules.money import format_sign

STATIC: Final = Path(__file__).parent / "static"
_TEMPLATES: Final = Path(__file__).parent / "templates"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def set_up_pages(console: web.Application) -> None:
    """Give the console its templates."""
    console[aiohttp_jinja2.APP_KEY] = _environment()


@cache
def _environment() -> jinja2.Environment:
    """The process's own, so that each template is compiled once."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=format_sign,
        day=local_date,
        moment=local_datetime,
        stamp=lambda at: at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        changes=lambda line: changes(line.before, line.after),
        label=texts.label,
        tone=texts.tone,
        problem=refusals.problem,
        doubt=doubt,
        warning=lambda one: refusals.problem(one.code, **one.facts),
        clock=lambda at: at.astimezone(SHANGHAI).strftime("%H:%M"),
        iso_day=lambda at: at.astimezone(SHANGHAI).date().isoformat(),
        refusal=_refusal,
        addresses=navigation.addresses,
        plain=plain,
        decimal=lambda number: (
            f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
        ),
    )
    environment.globals.update(version=_version())
    return environment


def render(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """A page. Every template knows `signed_in` (or None), `menu`, `may_write`, `path`, `done` and `with_query`."""
    found = request.get(SIGNED_IN)
    context.setdefault("error", "")
    schemes = request.app[TOOLS].schemes.values()
    return aiohttp_jinja2.render_template(
        template,
        request,
        {
            "signed_in": found,
            "may_write": found is not None and found.actor.role is not StaffRole.VIEWER,
            "path": request.path,
            "menu": navigation.menu(schemes, found.organisation_kind, found.actor.role)
            if found is not None
            else (),
            "done": ""
            if context.pop("hide_done", False)
            else texts.DONE.get(request.query.get("done", ""), ""),
            "with_query": lambda **changes: _with_query(request, changes),
            **context,
        },
        status=status,
    )


def download(content: bytes, filename: str, content_type: str = XLSX) -> web.Response:
    """A file to save, under a Chinese name."""
    return web.Response(
        body=content,
        content_type=content_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}"},
    )


def _refusal(refusal: Mapping[str, Any]) -> str:
    """Why a picture is refused: staff's own words, or what the check found."""
    facts = refusal.get("facts", {})
    return (
        str(facts["reason"]) if "reason" in facts else problem_and_remedy(str(refusal.get("code")), facts)[0]
    )


def _with_query(request: web.Request, changes: dict[str, object]) -> str:
    """This page's address with some of its query changed; an empty value leaves the key out."""
    query = {key: value for key, value in request.query.items() if key != "done"}
    query.update({key: str(value) for key, value in changes.items()})
    return f"{request.path}?{urlencode({key: value for key, value in query.items() if value})}"


def _version() -> str:
    """Changes with the stylesheets and scripts, so that a browser never shows old ones."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*.*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
