"""The review queue, one enrolment with its pictures beside its fields, and the decisions about it."""

import asyncio
from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import (
    SIGNED_IN,
    actor,
    form,
    go,
    page_number,
    path_id,
    query_id,
    text,
    tools,
    unit_of_work,
)
from handlers.console.dossier import gather
from handlers.console.pages import render
from handlers.console.turning import turned
from services.enrolments.restricted import open_restricted
from services.enrolments.review import QueueScope, ReviewService, default_scope
from services.errors import ForbiddenError, ServiceError
from services.models import EnrolmentState
from services.rules import partaking
from services.rules.errors import InvalidValueError
from services.schemes.models import Roster
from services.study.classes import ClassService
from services.study.service import StudyService

routes = web.RouteTableDef()

_STATES = (
    EnrolmentState.IN_REVIEW,
    EnrolmentState.RETURNED,
    EnrolmentState.ADMITTED,
    EnrolmentState.CONCLUDED,
    EnrolmentState.REJECTED,
    EnrolmentState.WITHDRAWN,
    EnrolmentState.LAPSED,
    EnrolmentState.BLOCKED,
)


@routes.get("/enrolments")
async def queue(request: web.Request) -> web.Response:
    """Enrolments by state, scheme, name or number; what waits for review first."""
    state, states = queue_states(request)
    scheme_id, query = request.query.get("scheme", ""), request.query.get("q", "").strip()
    class_id, scope = query_id(request.query.get("class", "")), queue_scope(request, states)
    async with unit_of_work(request) as work:
        page = await ReviewService(work).queue(
            actor(request),
            states=states,
            scheme_id=scheme_id or None,
            query=query,
            class_id=class_id,
            scope=scope,
            page=page_number(request),
            per_page=25,
        )
        classes = await ClassService(work).list_classes(actor(request))
    return render(
        request,
        "enrolments.html",
        page=page,
        state=state,
        states=_STATES,
        scope=scope,
        scopes=tuple(QueueScope),
        scheme_id=scheme_id,
        schemes=schemes(request),
        classes=[one for one in classes if not scheme_id or one.scheme_id == scheme_id],
        class_id=class_id,
        lists=lists_of(request, scheme_id),
        query=query,
    )


@routes.get("/enrolments/{id}")
async def show(request: web.Request) -> web.Response:
    """One enrolment; of a restricted one, the form that asks why it is opened."""
    try:
        return await _page(request, path_id(request))
    except ForbiddenError as error:
        if error.code != "enrolment.restricted":
            raise
        return _restricted(request, error.facts["number"])


@routes.post("/enrolments/{id}/open")
async def open_(request: web.Request) -> web.Response:
    """Open a restricted enrolment, with the reason (C11)."""
    enrolment_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await open_restricted(work, actor(request), enrolment_id, text(request, "reason"))
    except InvalidValueError as error:
        async with unit_of_work(request) as work:
            number = await ReviewService(work).number_of(actor(request), enrolment_id)
        return _restricted(request, number, error=refusals.error(error))
    raise go(f"/enrolments/{enrolment_id}", done="restricted_opened")


@routes.post("/enrolments/{id}/reveal")
async def reveal(request: web.Request) -> web.Response:
    """The page with one sensitive answer in full; that somebody looked is logged."""
    enrolment_id, key = path_id(request), text(request, "field")
    async with unit_of_work(request) as work:
        value = await ReviewService(work).reveal(actor(request), enrolment_id, key)
    return await _page(request, enrolment_id, revealed={key: value})


@routes.post("/enrolments/{id}/approve")
async def approve(request: web.Request) -> web.Response:
    """Admit, or pass on to the next stage."""
    enrolment_id = path_id(request)
    async with unit_of_work(request) as work:
        state = await ReviewService(work).approve(
            actor(request), enrolment_id, revision=_revision(request), note=text(request, "note")
        )
    done = "passed_on" if state is EnrolmentState.IN_REVIEW else "approved"
    raise go(f"/enrolments/{enrolment_id}", done=done)


@routes.post("/enrolments/{id}/forward")
async def forward(request: web.Request) -> web.Response:
    """Let another organisation decide this stage (D2)."""
    enrolment_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await ReviewService(work).forward(
                actor(request),
                enrolment_id,
                query_id(text(request, "organisation")),
                text(request, "reason"),
                reference=text(request, "reference"),
                revision=_revision(request),
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, enrolment_id, error=refusals.error(error), opened="forward")
    raise go(f"/enrolments/{enrolment_id}", done="forwarded")


@routes.post("/enrolments/{id}/return")
async def return_for_correction(request: web.Request) -> web.Response:
    """Send it back with a reason for each ticked field or material."""
    enrolment_id = path_id(request)
    picked = [str(key) for key in form(request).getall("pick", [])]
    reasons = {key: text(request, f"reason.{key}") for key in picked}
    try:
        async with unit_of_work(request) as work:
            await ReviewService(work).return_for_correction(
                actor(request),
                enrolment_id,
                reasons,
                revision=_revision(request),
                files=_files(request, picked),
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(
            request, enrolment_id, error=refusals.error(error), reasons=reasons, opened="return"
        )
    raise go(f"/enrolments/{enrolment_id}", done="returned")


@routes.post("/enrolments/{id}/reject")
async def reject(request: web.Request) -> web.Response:
    """Refuse it, with the reason that the applicant reads; a second look comes first, for it is not undone."""
    enrolment_id = path_id(request)
    try:
        if "confirmed" not in form(request):
            return await _second_look(request, enrolment_id)
        async with unit_of_work(request) as work:
            state = await ReviewService(work).reject(
                actor(request), enrolment_id, text(request, "reason"), revision=_revision(request)
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, enrolment_id, error=refusals.error(error), opened="reject")
    raise go(
        f"/enrolments/{enrolment_id}",
        done=str(state) if state is EnrolmentState.REJECTED else "login_refused",
    )


@routes.post("/enrolments/{id}/proof")
async def accept_proof(request: web.Request) -> web.Response:
    """Count the proof of hours that was handed in (A4)."""
    enrolment_id = path_id(request)
    try:
        hours = forms.number(request, "hours", "学时数")
        async with unit_of_work(request) as work:
            await StudyService(work).accept_proof(actor(request), enrolment_id, hours, text(request, "note"))
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, enrolment_id, error=refusals.error(error))
    raise go(f"/enrolments/{enrolment_id}", done="proof_accepted")


@routes.get("/documents/{id}/picture")
async def picture(request: web.Request) -> web.Response:
    """A document's picture, turned by `rotate` degrees to the right, its longer side at most `size` pixels."""
    async with unit_of_work(request) as work:
        content, media_type = await ReviewService(work).picture(actor(request), path_id(request))
    return await picture_response(request, content, media_type)


async def picture_response(request: web.Request, content: bytes, media_type: str) -> web.Response:
    """The picture as the query wants it; shown, never run, whatever it claims to be."""
    rotate, size = _number(request, "rotate", 0) % 360, _number(request, "size", 0)
    if rotate or size:
        content, media_type = await asyncio.to_thread(turned, content, rotate=rotate, size=size), "image/jpeg"
    return web.Response(
        body=content,
        content_type=media_type,
        headers={"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline"},
    )


def schemes(request: web.Request) -> list[tuple[str, str]]:
    """(id, short title) of every offered scheme of which one's organisation may have people, in the order of lists (B9)."""
    offered = tools(request).schemes.offered_by(*tools(request).accounts)
    kind = request[SIGNED_IN].organisation_kind
    return [(scheme.id, scheme.short_title) for scheme in partaking.sees(offered, kind)]


def queue_states(request: web.Request) -> tuple[str, frozenset[str]]:
    """The state that the query asks for, and the states that are shown: all for a state that there is not."""
    state = request.query.get("state", EnrolmentState.IN_REVIEW)
    return state, frozenset({str(state)}) if state in _STATES else frozenset(str(one) for one in _STATES)


def queue_scope(request: web.Request, states: frozenset[str]) -> QueueScope:
    """Whose turn it is, as the query asks; without that, one's own where only what waits is shown."""
    given = request.query.get("at", "")
    return QueueScope(given) if given in tuple(QueueScope) else default_scope(states)


def lists_of(request: web.Request, scheme_id: str) -> tuple[Roster, ...]:
    """The lists that a scheme hands on; none for an unknown one."""
    try:
        return tools(request).schemes.current(scheme_id).lists
    except KeyError:
        return ()


async def _second_look(request: web.Request, enrolment_id: UUID) -> web.Response:
    """What a refusal will do. Raises as `ReviewService.reject`."""
    given, revision = text(request, "reason"), _revision(request)
    async with unit_of_work(request) as work:
        await ReviewService(work).ensure_rejectable(actor(request), enrolment_id, given, revision=revision)
        dossier = await gather(work, actor(request), enrolment_id)
    return render(
        request, "enrolment_reject.html", dossier=dossier, one=dossier.detail, reason=given, revision=revision
    )


def _restricted(request: web.Request, number: object, *, error: str = "") -> web.Response:
    return render(
        request,
        "restricted.html",
        enrolment_id=path_id(request),
        number=number,
        error=error,
        status=422 if error else 403,
    )


async def _page(
    request: web.Request,
    enrolment_id: UUID,
    *,
    error: str = "",
    revealed: dict[str, str] | None = None,
    reasons: dict[str, str] | None = None,
    opened: str = "",
) -> web.Response:
    async with unit_of_work(request) as work:
        dossier = await gather(work, actor(request), enrolment_id)
        detail = dossier.detail
        targets = (
            await ReviewService(work).forward_targets(actor(request), enrolment_id)
            if detail.may_decide
            else ()
        )
    chosen = query_id(request.query.get("doc", ""))
    document = next((one for one in detail.documents if one.id == chosen), None)
    return render(
        request,
        "enrolment.html",
        dossier=dossier,
        one=detail,
        targets=targets,
        document=document or next(iter(detail.documents), None),
        rotate=_number(request, "rotate", 0) % 360,
        zoom=min(max(_number(request, "zoom", 1), 1), 3),
        revealed=revealed or {},
        reasons=reasons or {},
        opened=opened,
        error=error,
        status=422 if error else 200,
    )


def _files(request: web.Request, picked: list[str]) -> dict[str, set[int]]:
    """Which pictures of a material of several were ticked."""
    ticked = {key: form(request).getall(f"file.{key}", []) for key in picked}
    return {
        key: {int(str(one)) for one in places if str(one).isdigit()}
        for key, places in ticked.items()
        if places
    }


def _revision(request: web.Request) -> int | None:
    given = text(request, "revision")
    return int(given) if given.isascii() and given.isdigit() else None


def _number(request: web.Request, name: str, default: int) -> int:
    given = request.query.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else default
