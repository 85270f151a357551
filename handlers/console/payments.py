"""Payments: what candidates say they transferred, compared with what is on the account."""

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import SIGNED_IN, actor, go, page_number, path_id, text, tools, unit_of_work
from handlers.console.enrolments import picture_response
from handlers.console.pages import render
from services.blacklist.access import takes_part
from services.errors import ServiceError
from services.models import PaymentState
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.payments.vouchers import VoucherService
from services.rules.errors import InvalidValueError

routes = web.RouteTableDef()

_STATES = tuple(PaymentState)
#: Not a state: what came in from people on a blacklist and is to go back (C7).
_OWED_BACK = "owed_back"
_PER_PAGE = 20


@routes.get("/payments")
async def lines(request: web.Request) -> web.Response:
    """Payments by state; what was claimed first comes first."""
    return await _page(request, state=request.query.get("state", PaymentState.CLAIMED))


@routes.get("/payments/{id}/voucher")
async def voucher(request: web.Request) -> web.Response:
    """The picture of the transfer; that somebody looked is logged."""
    async with unit_of_work(request) as work:
        content, media_type = await VoucherService(work).show(actor(request), path_id(request))
    return await picture_response(request, content, media_type)


@routes.post("/payments/{id}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """The transfer was found on the account."""
    payment_id, state = path_id(request), text(request, "state")
    try:
        paid_fen = forms.amount_fen(request, "paid", "到账金额")
        async with unit_of_work(request) as work:
            outcome = await ConfirmingService(work).confirm(
                actor(request),
                payment_id,
                paid_fen=paid_fen,
                remark=text(request, "remark"),
                note=text(request, "note"),
                known_fen=forms.optional_whole(request, "known", "已到账"),
            )
    except (ServiceError, InvalidValueError) as error:
        if getattr(error, "kind", "invalid") != "invalid":
            raise
        return await _page(request, state=state, error=refusals.error(error), opened=str(payment_id))
    done = "payment_confirmed" if outcome is PaymentState.CONFIRMED else "payment_short"
    raise go(f"/payments?state={_shown(state)}", done=done)


@routes.post("/payments/{id}/refund")
async def refund(request: web.Request) -> web.Response:
    """The money went back."""
    payment_id, state = path_id(request), text(request, "state")
    try:
        async with unit_of_work(request) as work:
            await ConfirmingService(work).refund(actor(request), payment_id, text(request, "reason"))
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, state=state, error=refusals.error(error), opened=str(payment_id))
    raise go(f"/payments?state={_shown(state)}", done="payment_refunded")


async def _page(request: web.Request, *, state: str, error: str = "", opened: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        service, number = PaymentService(work), page_number(request)
        if state == _OWED_BACK:
            page = await service.list_owed_back(actor(request), page=number, per_page=_PER_PAGE)
        else:
            page = await service.list_lines(
                actor(request), state=_state(state), page=number, per_page=_PER_PAGE
            )
    return render(
        request,
        "payments.html",
        page=page,
        state=_shown(state),
        states=_STATES,
        keeps_list=_OWED_BACK if _keeps_list(request) else "",
        error=error,
        opened=opened,
        typed=forms.typed(request),
        status=422 if error else 200,
    )


def _shown(given: str) -> str:
    return given if given == _OWED_BACK else _state(given) or "all"


def _keeps_list(request: web.Request) -> bool:
    """Whether people of one's organisation can be on a blacklist."""
    kind = request[SIGNED_IN].organisation_kind
    return any(takes_part(scheme, kind) for scheme in tools(request).schemes.values())


def _state(given: str) -> PaymentState | None:
    return PaymentState(given) if given in _STATES else None
