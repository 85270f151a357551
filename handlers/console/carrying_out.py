"""Verbs on a page: done, and back to it; what was typed wrongly is said there."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from handlers.console import refusals
from handlers.console.context import go, unit_of_work
from services.errors import ServiceError
from services.rules.errors import InvalidValueError
from services.unit_of_work import Work


class Page(Protocol):
    """The page, with a sentence about what is wrong."""

    def __call__(self, request: web.Request, *, error: str) -> Awaitable[web.Response]: ...


async def carry_out(
    request: web.Request, verb: Callable[[Work], Awaitable[None]], *, page: Page, back_to: str, done: str
) -> web.Response:
    """Do `verb` and go to `back_to` with the sentence `done`; a refusal is said on `page`, but not what is not there."""
    try:
        async with unit_of_work(request) as work:
            await verb(work)
    except (ServiceError, InvalidValueError) as error:
        if isinstance(error, ServiceError) and error.kind == "not_found":
            raise
        return await page(request, error=refusals.error(error))
    raise go(back_to, done=done)
