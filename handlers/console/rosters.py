"""Roster checks: beginning one, the list of logins, laboratories' answers, and what is decided about each login (E6)."""

from typing import Final

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, go, path_id, text, unit_of_work
from handlers.console.pages import download, render
from services.appointments.roster_answers import RosterAnswers
from services.appointments.rosters import RosterService
from services.errors import ServiceError
from services.models import Settlement
from services.rules.roster import Action, Case

routes = web.RouteTableDef()

#: At once on one page; whoever has more chooses by case or laboratory.
_SHOWN: Final = 200


@routes.get("/rosters")
async def lines(request: web.Request) -> web.Response:
    """The checks that one has a part in, and a form for a new one."""
    return await _list(request)


@routes.post("/rosters")
async def begin(request: web.Request) -> web.Response:
    """Begin a check."""
    try:
        due_on = forms.day(request, "due_on", "截止日期")
        async with unit_of_work(request) as work:
            check_id = await RosterService(work).begin(
                actor(request), title=text(request, "title"), due_on=due_on
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _list(request, error=refusals.error(error))
    raise go(f"/rosters/{check_id}", done="roster_begun")


@routes.get("/rosters/{id}")
async def show(request: web.Request) -> web.Response:
    """One check, by case, action or laboratory."""
    return await _page(request)


@routes.get("/rosters/{id}/logins.xlsx")
async def template(request: web.Request) -> web.Response:
    """A list of logins with the right headers."""
    async with unit_of_work(request) as work:
        content = await RosterService(work).logins_template(actor(request), path_id(request))
    return download(content, "登录人员名单模板.xlsx")


@routes.post("/rosters/{id}/people")
async def add_person(request: web.Request) -> web.Response:
    """A laboratory names somebody who needs a login."""
    check_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await RosterAnswers(work).add_person(actor(request), check_id, text(request, "name"))
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _page(request, error=refusals.error(error))
    raise go(f"/rosters/{check_id}", done="roster_named")


@routes.post("/rosters/{id}/close")
async def close(request: web.Request) -> web.Response:
    """End it."""
    check_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await RosterService(work).close(actor(request), check_id)
    except ServiceError as error:
        if error.code != "roster.open_entries":
            raise
        return await _page(request, error=refusals.error(error))
    raise go(f"/rosters/{check_id}", done="roster_closed")


@routes.post("/roster-entries/{id}/answer")
async def answer(request: web.Request) -> web.Response:
    """Whether somebody is still there."""
    given = text(request, "still_there")
    if given not in ("yes", "no"):
        raise forms.FormError("form.choice", label="在岗情况")
    async with unit_of_work(request) as work:
        check_id = await RosterAnswers(work).answer(
            actor(request), path_id(request), still_there=given == "yes"
        )
    raise go(f"/rosters/{check_id}", done="roster_answered")


@routes.post("/roster-entries/{id}/settle")
async def settle(request: web.Request) -> web.Response:
    """Purge a login, or spare it, with a reason."""
    spared = text(request, "settlement") == "spared"
    settlement = Settlement.SPARED if spared else Settlement.PURGED
    async with unit_of_work(request) as work:
        check_id = await RosterAnswers(work).settle(
            actor(request), path_id(request), settlement, text(request, "reason")
        )
    raise go(f"/rosters/{check_id}?action=purge_login", done=f"roster_{settlement.value}")


async def _list(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        service = RosterService(work)
        checks = await service.list_lines(actor(request))
        may_begin = await service.may_begin(actor(request))
    return render(
        request,
        "rosters.html",
        checks=checks,
        may_begin=may_begin,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    case, action = request.query.get("case", ""), request.query.get("action", "")
    laboratory = request.query.get("laboratory", "").strip()[:40]
    async with unit_of_work(request) as work:
        one = await RosterService(work).show(
            actor(request),
            path_id(request),
            case=case if case in tuple(Case) else "",
            action=action if action in tuple(Action) else "",
            laboratory=laboratory,
        )
    return render(
        request,
        "roster.html",
        one=one,
        line=one.line,
        people=one.people[:_SHOWN],
        shown=_SHOWN,
        cases=tuple(Case),
        actions=tuple(Action),
        case=case,
        action=action,
        laboratory=laboratory,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
