"""Sittings: the list, a new one, one with its roll and results, changing and cancelling with a second look."""

from collections import Counter
from datetime import timedelta
from typing import Literal

from aiohttp import web

from handlers.console import attempts, forms, refusals
from handlers.console.context import actor, form, go, path_id, text, tools, unit_of_work
from handlers.console.pages import download, render
from services.certificates import CertificateService
from services.errors import ServiceError
from services.exams.plan import SittingWarning, warnings_of
from services.exams.results import ResultService
from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.models import Actor, ResultState
from services.rules.localtime import local_day
from services.trainers import trained_schemes
from services.unit_of_work import Work

routes = web.RouteTableDef()


@routes.get("/sittings")
async def lines(request: web.Request) -> web.Response:
    """All sittings of one's organisation, the latest first."""
    async with unit_of_work(request) as work:
        sittings = await SittingService(work).list_for(actor(request))
        now, own = work.now, await trained_schemes(work, actor(request))
    return render(
        request,
        "sittings.html",
        sittings=sittings,
        now=now,
        trains=any(scheme.exam is not None for scheme in own),
    )


@routes.get("/sittings/new")
async def ask(request: web.Request) -> web.Response:
    """The form for a new sitting, with the day that the calendar rule names."""
    return await _form(request)


@routes.post("/sittings/new")
async def add(request: web.Request) -> web.Response:
    """Announce a sitting; a clash with the working calendar is shown first and has to be ticked."""
    try:
        starts_at = forms.moment(request, "day", "starts", "考试时间")
        warnings = warnings_of(starts_at)
        if warnings and "accepted" not in form(request):
            return await _form(request, warnings=warnings)
        exam_form: Literal["online", "on_site"] = (
            "on_site" if text(request, "form") == "on_site" else "online"
        )
        async with unit_of_work(request) as work:
            view = await SittingService(work).add(
                actor(request),
                scheme_id=text(request, "scheme"),
                starts_at=starts_at,
                ends_at=forms.moment(request, "day", "ends", "结束时间"),
                place=forms.required(request, "place", "地点或平台"),
                form=exam_form,
                capacity=forms.whole(request, "capacity", "名额"),
                bring=forms.lines(request, "bring"),
                override_reason=text(request, "override_reason"),
            )
    except ServiceError as error:
        await attempts.note(request, error)
        return await _form(request, error=refusals.error(error))
    raise go(f"/sittings/{view.id}", done="sitting_added")


@routes.get("/sittings/{id}")
async def show(request: web.Request) -> web.Response:
    """One sitting with its roll, its results, and who waits for a certificate."""
    sitting_id = path_id(request)
    async with unit_of_work(request) as work:
        detail = await SittingService(work).show(actor(request), sitting_id)
        results = await ResultService(work).list_for_sitting(actor(request), sitting_id)
        unissued = await CertificateService(work).unissued_of_sitting(actor(request), sitting_id)
        now = work.now
    states = Counter(line.state for line in results)
    return render(
        request,
        "sitting.html",
        now=now,
        one=detail.sitting,
        roll=detail.roll,
        results=tuple(line for line in results if line.state is not None),
        scored=states[ResultState.SCORED],
        approved=states[ResultState.APPROVED],
        unissued=unissued,
    )


@routes.get("/sittings/{id}/change")
async def ask_change(request: web.Request) -> web.Response:
    """The form to change a sitting, filled with what stands."""
    return await _change_form(request)


@routes.post("/sittings/{id}/change")
async def change(request: web.Request) -> web.Response:
    """Another time, place, list or capacity; who has a seat is told."""
    sitting_id = path_id(request)
    try:
        starts_at = forms.moment(request, "day", "starts", "考试时间")
        warnings = warnings_of(starts_at)
        if warnings and "accepted" not in form(request):
            return await _change_form(request, warnings=warnings)
        async with unit_of_work(request) as work:
            await SittingService(work).change(
                actor(request),
                sitting_id,
                starts_at=starts_at,
                ends_at=forms.moment(request, "day", "ends", "结束时间"),
                place=forms.required(request, "place", "地点或平台"),
                bring=forms.lines(request, "bring"),
                capacity=forms.whole(request, "capacity", "名额"),
                reason=text(request, "reason"),
                override_reason=text(request, "override_reason"),
            )
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _change_form(request, error=refusals.error(error))
    raise go(f"/sittings/{sitting_id}", done="sitting_changed")


@routes.get("/sittings/{id}/cancel")
async def ask_cancel(request: web.Request) -> web.Response:
    """A second look before cancelling."""
    return await _cancel_page(request)


@routes.post("/sittings/{id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """It does not take place; everybody is told."""
    sitting_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await SittingService(work).cancel(actor(request), sitting_id, text(request, "reason"))
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _cancel_page(request, error=refusals.error(error))
    raise go(f"/sittings/{sitting_id}", done="sitting_cancelled")


@routes.get("/sittings/{id}/roll.xlsx")
async def roll(request: web.Request) -> web.Response:
    """The seat table to print."""
    async with unit_of_work(request) as work:
        detail = await SittingService(work).show(actor(request), path_id(request))
        content = await SittingService(work).roll_workbook(actor(request), path_id(request))
    return download(content, f"座位表 {detail.sitting.code}.xlsx")


@routes.post("/seats/{id}/check-in")
async def check_in(request: web.Request) -> web.Response:
    """The candidate is there."""
    async with unit_of_work(request) as work:
        seat = await SeatService(work).check_in(actor(request), path_id(request))
    raise go(f"/sittings/{seat.sitting_id}", done="checked_in")


@routes.post("/enrolments/{id}/seat")
async def book(request: web.Request) -> web.Response:
    """Book a candidate in."""
    enrolment_id = path_id(request)
    sitting_id = forms.chosen_id(request, "sitting", "考试场次")
    async with unit_of_work(request) as work:
        await SeatService(work).book(enrolment_id, sitting_id, actor=actor(request))
    raise go(f"/enrolments/{enrolment_id}", done="booked")


@routes.post("/enrolments/{id}/release")
async def release(request: web.Request) -> web.Response:
    """Give a candidate's seat back."""
    enrolment_id = path_id(request)
    async with unit_of_work(request) as work:
        await SeatService(work).release(
            enrolment_id, actor=actor(request), reason=forms.required(request, "reason", "原因")
        )
    raise go(f"/enrolments/{enrolment_id}", done="released")


async def _form(
    request: web.Request, *, error: str = "", warnings: tuple[SittingWarning, ...] = ()
) -> web.Response:
    asked = text(request, "scheme") or request.query.get("scheme", "")
    async with unit_of_work(request) as work:
        own = {one.id: one for one in await trained_schemes(work, actor(request)) if one.exam is not None}
        if asked and asked not in own and not error:
            error = await _refused(work, actor(request), asked)
        if not own:
            return render(request, "sitting_none.html", error=error, status=422 if error else 200)
        scheme = own.get(asked) or next(iter(own.values()))
        weekend = SittingService(work).suggest(scheme.id, local_day(work.now))
    typed = forms.typed(request)
    if request.method == "GET":
        typed.update(
            day=weekend[0].isoformat(),
            starts="09:00",
            form=scheme.exam_terms.form,
            bring="\n".join(scheme.exam_terms.bring),
            place=scheme.hours.platform.name if scheme.hours and scheme.hours.platform else "",
        )
        ends = timedelta(hours=9, minutes=scheme.exam_terms.duration_minutes)
        typed["ends"] = f"{ends.seconds // 3600:02d}:{ends.seconds // 60 % 60:02d}"
    return render(
        request,
        "sitting_new.html",
        schemes=tuple(own.values()),
        scheme=scheme,
        weekend=weekend,
        typed=typed,
        warnings=warnings,
        error=error,
        status=422 if error or warnings else 200,
    )


async def _refused(work: Work, who: Actor, scheme_id: str) -> str:
    """Why an exam of this scheme is not held here; that somebody asked for the form is no attempt (C3)."""
    try:
        await SittingService(work).ensure_held_here(who, scheme_id)
    except ServiceError as refusal:
        return refusals.error(refusal)
    return ""


async def _change_form(
    request: web.Request, *, error: str = "", warnings: tuple[SittingWarning, ...] = ()
) -> web.Response:
    async with unit_of_work(request) as work:
        detail = await SittingService(work).show(actor(request), path_id(request))
    return render(
        request,
        "sitting_change.html",
        one=detail.sitting,
        exam=tools(request).schemes.current(detail.sitting.scheme_id).exam_terms,
        typed=forms.typed(request) if request.method == "POST" else None,
        warnings=warnings,
        error=error,
        status=422 if error or warnings else 200,
    )


async def _cancel_page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        detail = await SittingService(work).show(actor(request), path_id(request))
    return render(
        request,
        "sitting_cancel.html",
        one=detail.sitting,
        error=error,
        typed=forms.typed(request),
        status=422 if error else 200,
    )
