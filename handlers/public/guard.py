"""What stands before every public page: protecting headers, friendly faults, the asker's address."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

from handlers.public.pages import error_page, protect
from services.errors import ServiceError
from services.unit_of_work import Tools

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class PublicSite:
    """What the public pages work with."""

    tools: Tools
    #: A proxy in front writes the asker's address last into `X-Forwarded-For`.
    trust_proxy: bool
    #: Origins that may show the pages in a frame.
    framed_by: tuple[str, ...]
    #: Forms that are printed at the same time; more wait, and the chat goes on meanwhile.
    press: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))


SITE: Final = web.AppKey("public_site", PublicSite)

#: What is answered by others, in their own way.
_ELSEWHERE: Final = ("/wechat/", "/console", "/api/", "/metrics", "/.well-known/")
_STATUS: Final = {"invalid": 422, "forbidden": 403, "not_found": 404, "conflict": 409, "limited": 429}
_log = structlog.get_logger(__name__)


def tools(request: web.Request) -> Tools:
    """The process's tools."""
    return request.config_dict[SITE].tools


def asker(request: web.Request) -> str:
    """The asker's IP address: the last one that a trusted proxy wrote down, else the connection's."""
    if request.config_dict[SITE].trust_proxy:
        # Some proxies add a header of their own behind the asker's, others an entry to it: the last one is theirs.
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).rpartition(",")[2].strip()
        if forwarded and forwarded.isascii():
            return forwarded
    return request.remote or "unknown"


@web.middleware
async def public_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Protect every public answer, and turn refusals and faults into pages. Other rooms of the house pass untouched."""
    if request.path.startswith(_ELSEWHERE):
        return await handler(request)
    response = await _answered(request, handler)
    protect(
        response,
        https=tools(request).public_url.startswith("https://"),
        framed_by=request.config_dict[SITE].framed_by,
    )
    return response


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ServiceError as error:
        return error_page(request, _STATUS[error.kind])
    except web.HTTPException as answer:
        if answer.status < 400:
            return answer
        response = error_page(request, answer.status)
        if "Allow" in answer.headers:
            response.headers["Allow"] = answer.headers["Allow"]
        return response
    except Exception:
        # The path is not logged: it may hold a token.
        route = request.match_info.route.resource
        _log.exception(
            "public.fault",
            fault=secrets.token_hex(4),
            method=request.method,
            route=route.canonical if route else "",
        )
        return error_page(request, 500)
