"""Signing in and out, and one's own password."""

import secrets

from aiohttp import web

from handlers.console import refusals
from handlers.console.context import (
    AT_THE_LOGIN,
    SECURE_COOKIES,
    SIGNED_IN,
    form,
    go,
    signed_in,
    text,
    unit_of_work,
)
from handlers.console.guard import COOKIE, LOGIN_COOKIE, cookie
from handlers.console.pages import render
from services.errors import ServiceError
from services.staff import StaffService

routes = web.RouteTableDef()


@routes.get("/login")
async def ask(request: web.Request) -> web.Response:
    """The login form; its token stands in a cookie too, so that no other site can send it."""
    if SIGNED_IN in request:
        raise go("/")
    return _form(request)


@routes.post("/login")
async def sign_in(request: web.Request) -> web.Response:
    """Take login and password."""
    if SIGNED_IN in request:
        raise go("/")
    async with request.app[AT_THE_LOGIN], unit_of_work(request) as work:
        found = await StaffService(work).sign_in(
            text(request, "login"), str(form(request).get("password", ""))
        )
    if found is None:
        return _form(request, login=text(request, "login"), error=refusals.LOGIN_REFUSED, status=403)
    answer = web.HTTPSeeOther(_wanted(text(request, "next")))
    answer.set_cookie(
        COOKIE,
        found.cookie_token,
        path="/console",
        httponly=True,
        samesite="Lax",
        secure=request.app[SECURE_COOKIES],
    )
    answer.del_cookie(LOGIN_COOKIE, path="/console")
    raise answer


@routes.post("/logout")
async def sign_out(request: web.Request) -> web.Response:
    """Forget this browser."""
    async with unit_of_work(request) as work:
        await StaffService(work).sign_out(signed_in(request).cookie_token)
    answer = go("/login", done="signed_out")
    answer.del_cookie(COOKIE, path="/console")
    raise answer


@routes.get("/password")
async def ask_password(request: web.Request) -> web.Response:
    """The form for one's own new password."""
    return render(request, "password.html")


@routes.post("/password")
async def change_password(request: web.Request) -> web.Response:
    """Change one's own password."""
    data = form(request)
    if data.get("new") != data.get("again"):
        return render(request, "password.html", error="两次输入的新密码不一样，请重新输入。", status=422)
    try:
        async with unit_of_work(request) as work:
            await StaffService(work).change_own_password(
                signed_in(request), str(data.get("old", "")), str(data.get("new", ""))
            )
    except ServiceError as error:
        return render(request, "password.html", error=refusals.error(error), status=422)
    raise go("/", done="password_changed")


def _form(request: web.Request, *, login: str = "", error: str = "", status: int = 200) -> web.Response:
    token = cookie(request, LOGIN_COOKIE) or secrets.token_urlsafe(24)
    wanted = text(request, "next") or request.query.get("next", "")
    response = render(
        request, "login.html", token=token, login=login, next=_wanted(wanted), error=error, status=status
    )
    response.set_cookie(
        LOGIN_COOKIE,
        token,
        path="/console",
        httponly=True,
        samesite="Lax",
        secure=request.app[SECURE_COOKIES],
    )
    return response


def _wanted(path: str) -> str:
    """Where to go after signing in: only within the console."""
    inside = path.startswith("/console/") and "//" not in path and "\\" not in path and path.isprintable()
    return path if inside else "/console/"
