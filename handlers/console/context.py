"""What a page handler asks of its request: the unit of work, who is signed in, the form that was sent."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final
from uuid import UUID

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from services.errors import NotFoundError
from services.models import Actor
from services.ports import SceneCodes
from services.staff import SignedIn
from services.unit_of_work import Tools, Work

TOOLS: Final = web.AppKey("tools", Tools)
SECURE_COOKIES: Final = web.AppKey("secure_cookies", bool)
#: WeChat's QR codes; asked for outside of any transaction.
SCENE_CODES: Final[web.AppKey[SceneCodes]] = web.AppKey("scene_codes")
#: Who has their password checked now. It is slow on purpose and holds a connection of the database: without a limit a
#: crowd at the login would keep everybody else, the chat too, from theirs.
AT_THE_LOGIN: Final = web.AppKey("at_the_login", asyncio.Semaphore)

FormData = MultiDictProxy[str | bytearray | web.FileField]

SIGNED_IN: Final = web.RequestKey("signed_in", SignedIn)
FORM: Final = web.RequestKey("form", MultiDictProxy)


def tools(request: web.Request) -> Tools:
    """The process's tools."""
    return request.app[TOOLS]


def unit_of_work(request: web.Request) -> AbstractAsyncContextManager[Work]:
    """A transaction for this request. Raise no redirect inside."""
    return tools(request).unit_of_work()


def signed_in(request: web.Request) -> SignedIn:
    """The signed-in browser; only pages behind the sign-in may ask."""
    found: SignedIn = request[SIGNED_IN]
    return found


def actor(request: web.Request) -> Actor:
    """Who does it."""
    return signed_in(request).actor


def form(request: web.Request) -> FormData:
    """The form that was posted, already checked for its CSRF token; empty for a GET."""
    found: FormData = request.get(FORM, MultiDictProxy(MultiDict()))
    return found


def text(request: web.Request, name: str) -> str:
    """A text field of the form, trimmed; empty when missing."""
    value = form(request).get(name, "")
    return value.strip() if isinstance(value, str) else ""


def upload(request: web.Request, name: str) -> tuple[str, bytes] | None:
    """A file of the form, as (its name as the browser gave it, content); None when none was chosen."""
    value = form(request).get(name)
    if not isinstance(value, web.FileField) or not value.filename:
        return None
    return value.filename, value.file.read()


def path_id(request: web.Request, name: str = "id") -> UUID:
    """An id in the path. Raises NotFoundError when it is none."""
    try:
        return UUID(request.match_info[name])
    except ValueError as error:
        raise NotFoundError("access.not_found") from error


def query_id(value: str) -> UUID | None:
    """An id in a query or form; None when empty or none."""
    try:
        return UUID(value)
    except ValueError:
        return None


def page_number(request: web.Request) -> int:
    """`?page=`, from 1."""
    given = request.query.get("page", "")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else 1


def go(path: str, *, done: str = "") -> web.HTTPSeeOther:
    """Where to go after a form was carried out; `done` is a key of `texts.DONE`, shown on the page."""
    mark = f"{'&' if '?' in path else '?'}done={done}" if done else ""
    return web.HTTPSeeOther(f"/console{path}{mark}")
