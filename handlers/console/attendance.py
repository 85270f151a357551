"""The days of a class: planning them, who signed in, records of practice (C8)."""

from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.blacklist import file_response
from handlers.console.context import SCENE_CODES, actor, go, path_id, query_id, text, unit_of_work, upload
from handlers.console.pages import render
from services.attendance import ClassDayService, PracticeService, SignInService, TakingBackService
from services.attendance.taking_back import TakenBack
from services.enrolments.review import ReviewService
from services.errors import ConflictError, ServiceError
from services.ports import SceneCodeUnavailableError
from services.rules.errors import InvalidValueError
from services.rules.sign_in import EARLY_MINUTES
from services.study.classes import ClassService
from services.typesetting import qr
from storage.attendance_states import DayKind

routes = web.RouteTableDef()


@routes.get("/classes/{id}/days")
async def days(request: web.Request) -> web.Response:
    """The days of a class, and a form for the next."""
    return await _days(request)


@routes.post("/classes/{id}/days")
async def add(request: web.Request) -> web.Response:
    """Plan a day."""
    class_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            early = forms.optional_whole(request, "early", "提前签到")
            await ClassDayService(work).add(
                actor(request),
                class_id,
                kind=DayKind(forms.one_of(request, "day_kind", "类型", DayKind)),
                title=text(request, "title"),
                starts_at=forms.moment(request, "day", "starts", "开始"),
                ends_at=forms.moment(request, "day", "ends", "结束"),
                hours=forms.number(request, "hours", "学时"),
                place=text(request, "place"),
                early_minutes=EARLY_MINUTES if early is None else early,
            )
    except InvalidValueError as error:
        return await _days(request, error=refusals.error(error), status=422)
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _days(request, error=refusals.error(error), status=422)
    raise go(f"/classes/{class_id}/days", done="day_added")


@routes.get("/class-days/{id}")
async def show(request: web.Request) -> web.Response:
    """One day: who signed in, and what was practised."""
    return await _day(request)


@routes.post("/class-days/{id}/sign-ins")
async def sign(request: web.Request) -> web.Response:
    """Sign somebody in by hand."""
    day_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await SignInService(work).add_by_hand(
                actor(request), day_id, forms.chosen_id(request, "enrolment", "学员"), text(request, "reason")
            )
    except (ServiceError, InvalidValueError) as error:
        return await _refused(request, error)
    raise go(f"/class-days/{day_id}", done="signed_by_hand")


@routes.post("/class-days/{id}/sign-ins/withdraw")
async def withdraw_sign_in(request: web.Request) -> web.Response:
    """Take a sign-in back."""
    day_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            outcome = await TakingBackService(work).sign_in(
                actor(request),
                day_id,
                forms.chosen_id(request, "enrolment", "学员"),
                text(request, "reason"),
            )
    except (ServiceError, InvalidValueError) as error:
        return await _refused(request, error)
    raise _taken_back(outcome)


@routes.post("/class-days/{id}/withdraw")
async def withdraw_day(request: web.Request) -> web.Response:
    """Take the whole day back."""
    try:
        async with unit_of_work(request) as work:
            outcome = await TakingBackService(work).day(
                actor(request), path_id(request), text(request, "reason")
            )
    except (ServiceError, InvalidValueError) as error:
        return await _refused(request, error)
    raise _taken_back(outcome)


@routes.post("/practice-sheets/{id}/withdraw")
async def withdraw_record(request: web.Request) -> web.Response:
    """Take a record of practice back; a refusal is shown on its day's page."""
    try:
        async with unit_of_work(request) as work:
            outcome = await TakingBackService(work).practice(
                actor(request), path_id(request), text(request, "reason")
            )
    except (ServiceError, InvalidValueError) as error:
        return await _refused(request, error, day_id=query_id(text(request, "day")))
    raise _taken_back(outcome)


@routes.get("/class-days/{id}/qr")
async def code(request: web.Request) -> web.Response:
    """The day's QR code, large, to print or to project."""
    try:
        async with unit_of_work(request) as work:
            one = await ClassDayService(work).code_of(actor(request), path_id(request))
    except ConflictError as error:
        return await _refused(request, error)
    pictures, unavailable = [], ""
    try:
        # Outside of the transaction: it may take WeChat a while.
        for account in one.accounts:
            url = await request.app[SCENE_CODES].address(account, one.day.scene, seconds=one.seconds)
            pictures.append(qr.qr_svg(url))
    except SceneCodeUnavailableError:
        unavailable = "暂时取不到微信二维码，请过一会儿刷新；急用时可以代为登记签到。"
    return render(
        request,
        "class_day_qr.html",
        one=one,
        day=one.day,
        pictures=pictures,
        error=unavailable,
        status=503 if unavailable else 200,
    )


@routes.post("/class-days/{id}/practice")
async def record(request: web.Request) -> web.Response:
    """Keep a record of practice."""
    day_id, file = path_id(request), upload(request, "file")
    try:
        async with unit_of_work(request) as work:
            await PracticeService(work).add(
                actor(request),
                day_id,
                forms.chosen_id(request, "enrolment", "学员"),
                instrument=text(request, "instrument"),
                process=text(request, "process"),
                result=text(request, "result"),
                sheet=file[1] if file is not None else None,
            )
    except (ServiceError, InvalidValueError) as error:
        return await _refused(request, error)
    raise go(f"/class-days/{day_id}", done="practice_recorded")


@routes.get("/enrolments/{id}/practice")
async def of_candidate(request: web.Request) -> web.Response:
    """All records of practice of one candidate."""
    enrolment_id = path_id(request)
    async with unit_of_work(request) as work:
        records = await PracticeService(work).of_enrolment(actor(request), enrolment_id)
        detail = await ReviewService(work).show(actor(request), enrolment_id)
    return render(request, "practice.html", one=detail, records=records)


@routes.get("/practice-sheets/{id}")
async def sheet(request: web.Request) -> web.Response:
    """An answer sheet; the look is logged."""
    async with unit_of_work(request) as work:
        content, media_type = await PracticeService(work).sheet(actor(request), path_id(request))
    return await file_response(request, content, media_type, "答题卷.pdf")


async def _days(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    class_id = path_id(request)
    async with unit_of_work(request) as work:
        one = await ClassService(work).show(actor(request), class_id)
        planned = await ClassDayService(work).list_of(actor(request), class_id)
    return render(
        request,
        "class_days.html",
        one=one,
        days=planned,
        typed=forms.typed(request),
        kinds=tuple(DayKind),
        early=EARLY_MINUTES,
        error=error,
        status=status,
    )


async def _refused(
    request: web.Request, error: ServiceError | InvalidValueError, *, day_id: UUID | None = None
) -> web.Response:
    """The day's page with what was wrong and what was typed; what is not there, or not theirs, is another page."""
    if getattr(error, "kind", "invalid") in ("not_found", "forbidden"):
        raise error
    return await _day(request, day_id=day_id, error=refusals.error(error), status=422)


def _taken_back(outcome: TakenBack) -> web.HTTPSeeOther:
    done = "taken_back_below" if outcome.below else "taken_back"
    return go(f"/class-days/{outcome.day_id}", done=done)


async def _day(
    request: web.Request, *, day_id: UUID | None = None, error: str = "", status: int = 200
) -> web.Response:
    day_id = day_id or path_id(request)
    async with unit_of_work(request) as work:
        day, members = await ClassDayService(work).roll(actor(request), day_id)
        one = await ClassService(work).show(actor(request), day.class_id)
        records = await PracticeService(work).of_day(actor(request), day_id)
    return render(
        request,
        "class_day.html",
        one=one,
        day=day,
        members=members,
        names={member.enrolment_id: member.name for member in members},
        records=records,
        typed=forms.typed(request),
        error=error,
        status=status,
    )
