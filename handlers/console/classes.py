"""Training classes: the list, a new one, closing one, putting a candidate into one."""

from collections.abc import Iterable
from typing import Literal

from aiohttp import web

from handlers.console import attempts, fee_rows, forms, refusals
from handlers.console.context import actor, go, path_id, text, unit_of_work
from handlers.console.pages import render
from services.errors import ServiceError
from services.rules.errors import InvalidValueError
from services.schemes.models import ClassPlan, Payee, Scheme
from services.study.classes import ClassService
from services.study.published_fees import PublishedFeeService
from services.trainers import trained_schemes

routes = web.RouteTableDef()


@routes.get("/classes")
async def lines(request: web.Request) -> web.Response:
    """All classes of one's organisation."""
    async with unit_of_work(request) as work:
        classes = await ClassService(work).list_classes(actor(request))
        own = await trained_schemes(work, actor(request))
    return render(request, "classes.html", classes=classes, plans=_plans(own), trains=bool(own))


@routes.get("/classes/new")
async def ask(request: web.Request) -> web.Response:
    """The form for a new class."""
    return await _form(request)


@routes.post("/classes/new")
async def add(request: web.Request) -> web.Response:
    """Announce a class."""
    try:
        form: Literal["online", "on_site"] = "on_site" if text(request, "form") == "on_site" else "online"
        async with unit_of_work(request) as work:
            await ClassService(work).add_class(
                actor(request),
                scheme_id=text(request, "scheme"),
                code=forms.required(request, "code", "班号"),
                title=forms.required(request, "title", "班名"),
                starts_on=forms.day(request, "starts_on", "开班日期"),
                ends_on=forms.day(request, "ends_on", "结束日期"),
                form=form,
                place=text(request, "place"),
                training_fee_fen=forms.optional_amount_fen(request, "fee", "培训费"),
                payee=_payee(request),
                capacity=forms.optional_whole(request, "capacity", "名额"),
                fees=fee_rows.read(request),
            )
    except (ServiceError, InvalidValueError) as error:
        await attempts.note(request, error)
        return await _form(request, error=refusals.error(error), status=422)
    raise go("/classes", done="class_added")


@routes.get("/classes/{id}/fees")
async def fees(request: web.Request) -> web.Response:
    """What a class publishes about its fees, every version of it, and a form for the next (C5)."""
    return await _fees(request)


@routes.post("/classes/{id}/fees")
async def publish(request: web.Request) -> web.Response:
    """Publish anew, for who joins from now on."""
    class_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            wanted = fee_rows.read(request)
            await PublishedFeeService(work).publish(
                actor(request),
                class_id,
                wanted.items if wanted else (),
                wanted.hotline if wanted else "",
            )
    except InvalidValueError as error:
        return await _fees(request, error=refusals.error(error), status=422)
    raise go(f"/classes/{class_id}/fees", done="fees_published")


@routes.post("/classes/{id}/close")
async def close(request: web.Request) -> web.Response:
    """Nobody joins any more."""
    async with unit_of_work(request) as work:
        await ClassService(work).close_class(actor(request), path_id(request))
    raise go("/classes", done="class_closed")


@routes.post("/enrolments/{id}/class")
async def join(request: web.Request) -> web.Response:
    """Put a candidate into a class."""
    enrolment_id = path_id(request)
    async with unit_of_work(request) as work:
        await ClassService(work).enrol_in_class(
            enrolment_id, forms.chosen_id(request, "class", "培训班"), actor(request)
        )
    raise go(f"/enrolments/{enrolment_id}", done="enrolled_in_class")


async def _fees(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    class_id = path_id(request)
    async with unit_of_work(request) as work:
        versions = await PublishedFeeService(work).versions(actor(request), class_id)
        one = await ClassService(work).show(actor(request), class_id)
    typed = forms.typed(request) if error else fee_rows.typed(versions[0].fees if versions else None)
    return render(
        request,
        "class_fees.html",
        one=one,
        versions=versions,
        typed=typed,
        rows=fee_rows.ROWS,
        error=error,
        status=status,
    )


def _plans(own: Iterable[Scheme]) -> list[tuple[ClassPlan, list[tuple[str, ClassPlan]]]]:
    """The months of these schemes' classes, together where the source says one sentence of several (D1)."""
    said: dict[tuple[str, str], list[tuple[str, ClassPlan]]] = {}
    for scheme in own:
        if (plan := scheme.class_plan) is not None:
            said.setdefault((plan.statement, plan.remark), []).append((scheme.short_title, plan))
    return [(lines[0][1], lines) for lines in said.values()]


async def _form(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        own = await trained_schemes(work, actor(request))
    return render(
        request,
        "class_new.html",
        schemes=own,
        typed=forms.typed(request),
        rows=fee_rows.ROWS,
        error=error,
        status=status,
    )


def _payee(request: web.Request) -> Payee | None:
    """The account of the class notice: all three parts, or none."""
    if not any(text(request, key) for key in ("payee_name", "payee_bank", "payee_account")):
        return None
    return Payee(
        name=forms.required(request, "payee_name", "户名"),
        bank=forms.required(request, "payee_bank", "开户行"),
        account_number=forms.required(request, "payee_account", "账号"),
    )
