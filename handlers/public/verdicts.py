"""Verification pages: by QR (`/c/…`), by number and 查验码 (`/verify`), and the announced revocations (B8)."""

from datetime import datetime
from json import JSONDecodeError
from typing import Any, Final

from aiohttp import web

from handlers.public import texts
from handlers.public.guard import asker, tools
from handlers.public.pages import document, page, wants_json
from services.certificates.verification import Verdict, VerificationService
from services.errors import LimitedError
from services.rules.errors import InvalidValueError
from services.rules.localtime import SHANGHAI

_FORM_LIMIT: Final = 4096
routes = web.RouteTableDef()


@routes.get("/c/{token}")
async def by_token(request: web.Request) -> web.Response:
    """Where the QR leads. Wrong and unknown tokens get the same answer."""
    async with tools(request).unit_of_work() as work:
        verdict = await VerificationService(work).by_token(request.match_info["token"])
        now = work.now
    return _told(request, verdict, now)


@routes.get("/verify")
async def form(request: web.Request) -> web.Response:
    """The form for number and code; `?number=` fills the first field in."""
    return _form(number=request.query.get("number", "")[:40])


@routes.post("/verify")
async def by_number(request: web.Request) -> web.Response:
    """A look-up by number and code, from the form or as JSON."""
    number, code = await _given(request)
    try:
        async with tools(request).unit_of_work() as work:
            verdict = await VerificationService(work).by_number(number, code, source=asker(request))
            now = work.now
    except InvalidValueError as error:
        return _refused(
            request, 422, texts.value_problem(error), number, texts.FIELDS.get(error.code, "number")
        )
    except LimitedError as error:
        response = _refused(request, 429, texts.limited(error), number)
        response.headers["Retry-After"] = str(60 * int(str(error.facts.get("minutes", 15))))
        return response
    if verdict is None:
        return _refused(request, 404, texts.NOT_FOUND_BY_NUMBER, number)
    return _told(request, verdict, now)


@routes.get("/verify/revoked")
async def revoked(request: web.Request) -> web.Response:
    """The public announcement of revoked certificates (B8)."""
    async with tools(request).unit_of_work() as work:
        lines = await VerificationService(work).revocations()
        now = work.now
    if wants_json(request):
        items = [
            {
                "number": line.number,
                "title": line.title,
                "name": line.name_masked,
                "organisation": line.organisation,
                "revoked_on": line.revoked_on.isoformat(),
                "reason": line.reason,
            }
            for line in lines
        ]
        return document({"revoked": items, "queried_at": _stamp(now)})
    return page("revoked.html", lines=lines, now=now)


async def _given(request: web.Request) -> tuple[str, str]:
    """Number and code as they were sent; empty where missing. Raises an HTTP 413 or 400."""
    if (request.content_length or 0) > _FORM_LIMIT:
        raise web.HTTPRequestEntityTooLarge(max_size=_FORM_LIMIT, actual_size=request.content_length or 0)
    small = request.clone(client_max_size=_FORM_LIMIT)
    sent: Any
    try:
        sent = await small.json() if request.content_type == "application/json" else await small.post()
    except (JSONDecodeError, ValueError, LookupError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    if not hasattr(sent, "get"):
        raise web.HTTPBadRequest
    number, code = sent.get("number", ""), sent.get("code", "")
    return _plain(number), _plain(code)


def _plain(given: object) -> str:
    """A text without the halves of characters that JSON can name; empty for anything else."""
    return given.encode(errors="replace").decode() if isinstance(given, str) else ""


def _told(request: web.Request, verdict: Verdict | None, now: datetime) -> web.Response:
    status = 200 if verdict is not None else 404
    if wants_json(request):
        return document(_as_json(verdict, now), status=status)
    if verdict is None:
        return page("unknown.html", status=status, stamp=texts.STAMPS["unknown"], now=now)
    return page("verdict.html", verdict=verdict, stamp=texts.STAMPS[verdict.status], now=now)


def _refused(request: web.Request, status: int, problem: str, number: str, field: str = "") -> web.Response:
    if wants_json(request):
        return document(
            {"status": "unknown" if status == 404 else "refused", "message": problem}, status=status
        )
    return _form(number=number[:40], problem=problem, field=field, status=status)


def _form(*, number: str = "", problem: str = "", field: str = "", status: int = 200) -> web.Response:
    return page("verify.html", status=status, number=number, problem=problem, field=field)


def _as_json(verdict: Verdict | None, now: datetime) -> dict[str, Any]:
    if verdict is None:
        return {"status": "unknown", "queried_at": _stamp(now)}
    return {
        "status": verdict.status,
        "number": verdict.number,
        "title": verdict.title,
        "name": verdict.name_masked,
        "identity_number": verdict.identity_masked,
        "specialty": verdict.specialty,
        "grade": verdict.grade or None,
        "hours": verdict.hours or None,
        "occupations": list(verdict.occupations) or None,
        "rule": verdict.rule,
        "issuer": verdict.issuer,
        "organisation": verdict.organisation,
        "issued_on": verdict.issued_on.isoformat(),
        "expires_on": verdict.expires_on.isoformat() if verdict.expires_on else None,
        "changed_on": verdict.changed_on.isoformat() if verdict.changed_on else None,
        "reason": verdict.reason or None,
        "replaced_by": verdict.replaced_by,
        "queried_at": _stamp(now),
    }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
