"""Suspending, resuming and ending an organisation below one's own, and what becomes of who is under way there."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, form, go, path_id, query_id, text, unit_of_work
from handlers.console.pages import render
from services.errors import NotFoundError, ServiceError
from services.models import Actor, OrganisationStatus, StaffRole
from services.organisations import OrganisationTree
from services.organisations.handing_over import HandingOverService
from services.organisations.standing import StandingService
from services.unit_of_work import Work

routes = web.RouteTableDef()

_DONE: Final = {
    "suspend": "organisation_suspended",
    "resume": "organisation_resumed",
    "propose-end": "organisation_end_proposed",
    "confirm-end": "organisation_ended",
    "decline-end": "organisation_end_declined",
    "hand-over": "people_handed_over",
    "send-back": "people_sent_back",
}


@routes.get("/organisations/{id}/standing")
async def show(request: web.Request) -> web.Response:
    """How it stands, who is under way there, and what can be done."""
    return await _page(request)


@routes.post(
    "/organisations/{id}/standing/{act:suspend|resume|propose-end|confirm-end|decline-end|hand-over|send-back}"
)
async def change(request: web.Request) -> web.Response:
    """Do one of these."""
    organisation_id, act = path_id(request), request.match_info["act"]
    try:
        async with unit_of_work(request) as work:
            await _acts(request, work)[act](actor(request), organisation_id)
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden") and error.code != "standing.same_person":
            raise
        return await _page(request, error=refusals.error(error))
    raise go(f"/organisations/{organisation_id}/standing", done=_DONE[act])


def _acts(request: web.Request, work: Work) -> dict[str, Callable[[Actor, UUID], Awaitable[object]]]:
    standing, people, reason = StandingService(work), HandingOverService(work), text(request, "reason")

    async def hand_over(who: Actor, organisation_id: UUID) -> object:
        # Whoever may not see it learns nothing from what is wrong with the form.
        await OrganisationTree(work).show(who, organisation_id)
        to_id = forms.chosen_id(request, "to", "接收单位")
        return await people.hand_over(who, organisation_id, _picked(request), to_id, reason)

    return {
        "suspend": lambda who, one: standing.suspend(who, one, reason),
        "resume": lambda who, one: standing.resume(who, one, reason),
        "propose-end": lambda who, one: standing.propose_end(who, one, reason),
        "confirm-end": standing.confirm_end,
        "decline-end": lambda who, one: standing.decline_end(who, one, reason),
        "hand-over": hand_over,
        "send-back": lambda who, one: people.send_back(who, one, _picked(request), reason),
    }


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    who, organisation_id = actor(request), path_id(request)
    async with unit_of_work(request) as work:
        one = await OrganisationTree(work).show(who, organisation_id)
        if who.organisation_id == one.id:
            raise NotFoundError("organisation.not_found")
        ending = await StandingService(work).ending(who, one.id)
        people = HandingOverService(work)
        may_act = who.role is StaffRole.ADMIN
        under_way = await people.under_way(who, one.id) if may_act else ()
        targets = await people.targets(who, one.id)
    return render(
        request,
        "organisation_standing.html",
        one=one,
        ending=ending,
        under_way=under_way,
        targets=targets,
        may_act=may_act,
        stopped=one.status is not OrganisationStatus.ACTIVE,
        me=who.id,
        typed=forms.typed(request),
        picked={str(value) for value in form(request).getall("pick", [])},
        error=error,
        status=422 if error else 200,
    )


def _picked(request: web.Request) -> list[UUID]:
    """The rows that were ticked. Raises NotFoundError for what is no id."""
    picked = [query_id(str(value)) for value in form(request).getall("pick", [])]
    if None in picked:
        raise NotFoundError("access.not_found")
    return [one for one in picked if one is not None]
