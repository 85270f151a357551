"""How the installation does: what waits, what was sent, what runs, and what somebody should look at."""

from typing import Final

from aiohttp import web

from handlers.console import status_texts
from handlers.console.context import actor, tools, unit_of_work
from handlers.console.pages import render
from services.operations import DAILY_LIMITS, OperationsService, concerns

routes = web.RouteTableDef()

#: The page asks again every ten seconds for an hour: one that is left open keeps nobody signed in for ever.
REFRESHES: Final = 360


@routes.get("/status")
async def show(request: web.Request) -> web.Response:
    """The figures now."""
    async with unit_of_work(request) as work:
        found = await OperationsService(work).snapshot(actor(request))
    accounts = tuple(sorted({*tools(request).accounts, *(one.account for one in found.outbox)}))
    return render(
        request,
        "status.html",
        found=found,
        accounts=accounts,
        concerns=[(one.grave, *status_texts.concern(one)) for one in concerns(found, accounts)],
        limits=DAILY_LIMITS,
        words=status_texts,
        refreshed=_refreshed(request),
        refreshes=REFRESHES,
    )


def _refreshed(request: web.Request) -> int:
    given = request.query.get("refreshed", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
