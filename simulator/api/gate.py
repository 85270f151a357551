"""What every API call passes: record, faults, method, access token, daily quota, JSON both ways."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator import traffic
from simulator.callbacks import Courier
from simulator.config import AccountConfig
from simulator.errors import ApiError
from simulator.faults import Fault
from simulator.world import World

WORLD = web.AppKey("world", World)
COURIER = web.AppKey("courier", Courier)
ACCOUNT: web.RequestKey[AccountConfig] = web.RequestKey("account", AccountConfig)

#: Calls that carry no access token.
OPEN_PATHS = frozenset({"/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/showqrcode"})

_PREFIX = "/cgi-bin/"
_ESCAPE = re.compile(r"(?<!\\)\\u(?=[0-9a-fA-F]{4})")
_HANG_SECONDS = 30.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(
    data: dict[str, Any], *, status: int = 200, content_type: str = "application/json"
) -> web.Response:
    """JSON as the platform sends it: raw UTF-8, and its own spelling of the charset."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    header = "text/plain" if content_type == "text/plain" else "application/json; encoding=utf-8"
    return web.Response(body=body, status=status, headers={"Content-Type": header})


def ok(**fields: Any) -> web.Response:
    """errcode 0, then the fields."""
    return answer({"errcode": 0, "errmsg": "ok", **fields})


def refusal(error: ApiError) -> web.Response:
    """The error as an answer, with a request id in its message as on the platform."""
    return answer({"errcode": error.errcode, "errmsg": f"{error.errmsg} rid: sim", **error.extra})


async def body_of(request: web.Request) -> dict[str, Any]:
    r"""The JSON object of a POST.

    The platform does not undo `\uXXXX`: what is sent escaped is shown escaped, and so it is here.

    Raises:
        ApiError: 44002 empty, 47001 no JSON object.
    """
    raw = await request.read()
    if not raw:
        raise ApiError(44002, "empty post data")
    try:
        data = json.loads(_ESCAPE.sub(r"\\\\u", raw.decode()))
    except ValueError:
        raise ApiError(47001, "data format error") from None
    if not isinstance(data, dict):
        raise ApiError(47001, "data format error")
    return data


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Guard the calls under /cgi-bin; leave all others alone."""
    if not request.path.startswith(_PREFIX):
        return await handler(request)
    world = request.app[WORLD]
    # A file is left in the stream for its endpoint to read.
    upload = request.content_type.startswith("multipart/")
    sent = f"<multipart, {request.content_length} bytes>" if upload else await _text_of(request)
    exchange = world.traffic.record(
        at=world.clock.now().isoformat(),
        direction="api",
        method=request.method,
        path=request.path,
        query=traffic.redact_query(dict(request.query)),
        request=sent,
    )
    fault = world.faults.strike(request.path)
    if fault is not None and fault.kind != "drop_after":
        exchange.error = f"fault {fault.kind}"
        response: web.StreamResponse = await _spoil(request, fault)
    else:
        response = await _serve(request, handler)
        account = request.get(ACCOUNT)
        exchange.account = account.name if account else None
        if fault is not None:
            exchange.error = "fault drop_after"
            _drop(request)
    exchange.status = response.status
    if isinstance(response, web.Response) and isinstance(response.body, bytes):
        exchange.response = traffic.redact_body(response.body, response.content_type)
    return response


async def _text_of(request: web.Request) -> str:
    return traffic.redact_body(await request.read(), request.content_type)


async def _serve(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        if request.path not in OPEN_PATHS:
            _admit(request)
        return await handler(request)
    except ApiError as error:
        return refusal(error)
    except web.HTTPMethodNotAllowed as error:
        needed = "POST" if "POST" in error.allowed_methods else "GET"
        return refusal(ApiError(43002 if needed == "POST" else 43001, f"require {needed} method"))
    except web.HTTPNotFound:
        return refusal(ApiError(40066, "invalid url: not simulated"))


def _admit(request: web.Request) -> None:
    world = request.app[WORLD]
    token = request.query.get("access_token", "")
    if not token:
        raise ApiError(41001, "access_token missing")
    account = world.account_by_token(token)
    request[ACCOUNT] = account
    world.count_call(account, request.path)


async def _spoil(request: web.Request, fault: Fault) -> web.Response:
    world = request.app[WORLD]
    match fault.kind:
        case "errcode":
            return refusal(ApiError(int(fault.value or -1), fault.errmsg or "simulated fault"))
        case "http":
            return web.Response(status=int(fault.value or 502), text="<html>simulated fault</html>")
        case "garbage":
            text = str(fault.value) if fault.value is not None else "<html><body>502 Bad Gateway</body>"
            return web.Response(text=text, content_type="text/html")
        case "timeout":
            await _hang(world, float(fault.value) if fault.value is not None else _HANG_SECONDS)
        case _:
            pass
    _drop(request)
    return web.Response(status=502)


async def _hang(world: World, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not world.changed.closed and (left := deadline - loop.time()) > 0:
        await world.changed.wait(left)


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
