"""What stands before every page: headers, errors in Chinese, the sign-in, the form's CSRF token and size."""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from urllib.parse import quote

import structlog
from aiohttp import web

from handlers.console import attempts, refusals
from handlers.console.context import FORM, SECURE_COOKIES, SIGNED_IN, unit_of_work
from handlers.console.pages import render
from services.errors import ServiceError
from services.rules.errors import InvalidValueError
from services.staff import StaffService

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COOKIE = "zhengtu_staff"
#: Before anyone is signed in, the login form is proved by a cookie of its own.
LOGIN_COOKIE = "zhengtu_login"
#: A spreadsheet of 5 MB in its form. Without a sign-in nothing but a login form is read.
UPLOAD_LIMIT = 5 * 1024 * 1024 + 64 * 1024
LOGIN_LIMIT = 16 * 1024

_STATUS = {"invalid": 422, "forbidden": 403, "not_found": 404, "conflict": 409, "limited": 429}
# Pico draws its ticks and arrows as data: pictures.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_log = structlog.get_logger(__name__)


@web.middleware
async def security_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No foreign content, no frame, no copy kept; the stylesheets alone may be kept."""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        _protect(request, answer)
        raise
    _protect(request, response)
    return response


def _protect(request: web.Request, response: web.StreamResponse) -> None:
    static = request.path.startswith("/console/static/") and response.status in (200, 304)
    response.headers["Cache-Control"] = "public, max-age=3600" if static else "no-store"
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.app[SECURE_COOKIES]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


@web.middleware
async def friendly_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A refusal becomes a sentence, a fault a page with a number that the log has too."""
    try:
        return await handler(request)
    except (ServiceError, InvalidValueError) as error:
        await attempts.note(request, error)
        status = _STATUS[error.kind] if isinstance(error, ServiceError) else 422
        return _error_page(request, status, refusals.error(error))
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        return _error_page(request, answer.status, refusals.http_error(answer.status))
    except Exception:
        number = secrets.token_hex(4)
        _log.exception("console.fault", fault=number, method=request.method, path=request.path)
        return _error_page(
            request,
            500,
            f"系统出了点问题，这次操作没有保存。请稍后再试；如仍不行，请把故障编号 {number} 告诉管理员。",
        )


def _error_page(request: web.Request, status: int, sentence: str) -> web.Response:
    response = render(
        request,
        "error.html",
        status=status,
        title=refusals.error_title(status),
        sentence=sentence,
        hide_done=True,
    )
    if "HX-Request" in request.headers:
        response.headers.update({"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"})
    return response


@web.middleware
async def sign_in_first(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The cookie says who it is; without one there is only the login page."""
    if request.path.startswith("/console/static/"):
        return await handler(request)
    if token := cookie(request, COOKIE):
        async with unit_of_work(request) as work:
            if (found := await StaffService(work).find(token)) is not None:
                request[SIGNED_IN] = found
    if SIGNED_IN in request or request.path == "/console/login":
        return await handler(request)
    if "HX-Request" in request.headers:
        return web.Response(headers={"HX-Redirect": "/console/login"})
    wanted = f"?next={quote(request.path)}" if request.method == "GET" and request.path != "/console/" else ""
    raise web.HTTPSeeOther(f"/console/login{wanted}")


@web.middleware
async def genuine_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A POST must carry this browser's CSRF token, in the form or as `X-CSRF-Token`, and stay below its size."""
    _ensure_storable(request.query.values())
    if request.method in ("GET", "HEAD"):
        return await handler(request)
    if request.method != "POST":
        raise web.HTTPMethodNotAllowed(request.method, ["GET", "POST"])
    found = request.get(SIGNED_IN)
    expected = found.csrf_token if found else cookie(request, LOGIN_COOKIE)
    limit = UPLOAD_LIMIT if found else LOGIN_LIMIT
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=request.content_length or 0)
    try:
        form = await request.clone(client_max_size=limit).post()
    except (ValueError, LookupError) as error:  # a form that is none, or of an unknown character set
        raise web.HTTPBadRequest from error
    _ensure_storable(value for value in form.values() if isinstance(value, str))
    given = form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
    if (
        not expected
        or not isinstance(given, str)
        or not hmac.compare_digest(given.encode(errors="replace"), expected.encode())
    ):
        return _error_page(
            request, HTTPStatus.FORBIDDEN, "页面已过期或不是从本系统打开的，请刷新页面后重试。"
        )
    request[FORM] = form
    return await handler(request)


def cookie(request: web.Request, name: str) -> str:
    """A cookie of ours, which are plain ASCII; empty when there is none or it is another's."""
    value = request.cookies.get(name, "")
    return value if value.isascii() else ""


def _ensure_storable(values: Iterable[str]) -> None:
    """Raise an HTTP 400 for the one character that PostgreSQL's texts cannot hold; no keyboard types it."""
    if any("\0" in value for value in values):
        raise web.HTTPBadRequest


MIDDLEWARES = (security_headers, friendly_errors, sign_in_first, genuine_forms)
