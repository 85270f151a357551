"""`/metrics`, and the small server of a process that has no other: a worker is asked for its health there, too.

What `/metrics` says is for whoever operates the installation. At the public address it answers only to the bearer token
(`ZHENGTU_METRICS_TOKEN`), or without one to this very machine as long as no proxy stands in front: behind a proxy every
visitor seems to come from it. `ZHENGTU_METRICS_PORT` opens an address of its own, on loopback by default.
"""

import hmac
import ipaddress
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.meters import Meters
from bot.settings import Settings
from services.health import ready
from services.unit_of_work import Tools

log = structlog.get_logger(__name__)

_CALLBACKS: Final = "/wechat/"
#: What a proxy adds.
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def observe(app: web.Application, meters: Meters, settings: Settings) -> None:
    """Measure the callbacks of `app`, and let it answer `/metrics` to whoever may see it; to others it is not there."""
    behind_proxy = settings.trust_proxy or settings.public_url.startswith("https://")
    accounts = frozenset(settings.wechat)

    @web.middleware
    async def measure(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if not request.path.startswith(_CALLBACKS) or request.method != "POST":
            return await handler(request)
        begun, status = time.perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
            return response
        finally:
            name = request.path.removeprefix(_CALLBACKS)
            account = name if name in accounts else "unknown"
            meters.callback(account, status, time.perf_counter() - begun)

    async def metrics(request: web.Request) -> web.Response:
        if not _may_see(request, settings.metrics_token, open_to_loopback=not behind_proxy):
            raise web.HTTPNotFound
        return await _page(meters)

    # The outermost: what the others refuse is measured, too.
    app.middlewares.insert(0, measure)
    app.router.add_get("/metrics", metrics)


@asynccontextmanager
async def observed(settings: Settings, tools: Tools, meters: Meters) -> AsyncIterator[str | None]:
    """The address of its own for `/metrics`, `/healthz` and `/readyz`, if one is set."""
    if settings.metrics_port is None:
        yield None
        return

    async def metrics(request: web.Request) -> web.Response:
        if not _may_see(request, settings.metrics_token, open_to_loopback=not settings.metrics_token):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        return await _page(meters)

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        readiness = await ready(tools)
        return web.json_response(
            {"ready": readiness.ok, "problems": list(readiness.problems)},
            status=200 if readiness.ok else 503,
        )

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.metrics_host, settings.metrics_port).start()
        host, port = runner.addresses[0][:2]
        log.info("observed", host=host, port=port)
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def _page(meters: Meters) -> web.Response:
    return web.Response(
        body=await meters.page(),
        headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"},
    )


def _may_see(request: web.Request, token: str, *, open_to_loopback: bool) -> bool:
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(errors="replace"), f"Bearer {token}".encode()):
        return True
    if not open_to_loopback or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
