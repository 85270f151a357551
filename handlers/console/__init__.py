"""The staff web console under `/console/`: server-made pages that work without script; htmx only saves page loads.

Each page module translates a request into service calls and a page; what may be done is decided in `services`.
"""

import asyncio

from aiohttp import web

from handlers.console import (
    accounts,
    analysis,
    appeals,
    appointments,
    assignments,
    attendance,
    audit_log,
    authorisation_requests,
    authorisations,
    benchmarks,
    blacklist,
    broadcast_making,
    broadcasts,
    cards,
    certificates,
    classes,
    data_changes,
    deliveries,
    enrolments,
    erasures,
    imports,
    laboratories,
    lists,
    login,
    organisation_standing,
    organisations,
    overview,
    payments,
    results,
    retention,
    rosters,
    self_checks,
    sittings,
    status,
)
from handlers.console.context import AT_THE_LOGIN, SCENE_CODES, SECURE_COOKIES, TOOLS
from handlers.console.guard import MIDDLEWARES
from handlers.console.pages import STATIC, set_up_pages
from services.ports import SceneCodes
from services.unit_of_work import Tools

_PAGES = (
    login,
    overview,
    enrolments,
    payments,
    classes,
    attendance,
    sittings,
    results,
    imports,
    appeals,
    benchmarks,
    analysis,
    certificates,
    organisations,
    organisation_standing,
    lists,
    cards,
    assignments,
    retention,
    erasures,
    audit_log,
    broadcast_making,
    broadcasts,
    authorisations,
    authorisation_requests,
    self_checks,
    appointments,
    laboratories,
    rosters,
    accounts,
    blacklist,
    status,
    data_changes,
    deliveries,
)


_LOGINS_AT_ONCE = 3


def mount(app: web.Application, tools: Tools, *, secure_cookies: bool, scene_codes: SceneCodes) -> None:
    """Add the console to `app` under `/console/`. `secure_cookies` where people come by https."""
    console = web.Application(middlewares=MIDDLEWARES)
    console[TOOLS] = tools
    console[SECURE_COOKIES] = secure_cookies
    console[SCENE_CODES] = scene_codes
    console[AT_THE_LOGIN] = asyncio.Semaphore(_LOGINS_AT_ONCE)
    set_up_pages(console)
    for page in _PAGES:
        console.add_routes(page.routes)
    console.router.add_static("/static/", STATIC)
    app.add_subapp("/console", console)
    app.router.add_get("/console", _to_overview)


async def _to_overview(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/console/")
