"""Parametric QR codes: /cgi-bin/qrcode/create and /cgi-bin/showqrcode."""

import base64
import io
import secrets
from typing import Any

import qrcode
from aiohttp import web

from simulator.api.gate import ACCOUNT, WORLD, answer, body_of
from simulator.config import AccountConfig
from simulator.errors import ApiError
from simulator.state import SceneQr
from simulator.world import World

routes = web.RouteTableDef()

LONGEST_SECONDS = 30 * 24 * 3600
_DEFAULT_SECONDS = 60
_MOST_PERMANENT = 100_000
_ACTIONS = {
    "QR_SCENE": (False, False),
    "QR_STR_SCENE": (False, True),
    "QR_LIMIT_SCENE": (True, False),
    "QR_LIMIT_STR_SCENE": (True, True),
}


@routes.post("/cgi-bin/qrcode/create")
async def create(request: web.Request) -> web.Response:
    """A temporary (at most 30 days) or permanent code for a scene."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    action = _ACTIONS.get(str(body.get("action_name")))
    if action is None:
        raise ApiError(40052, "invalid action name")
    permanent, by_text = action
    scene = _scene(body, permanent=permanent, by_text=by_text)
    seconds = None if permanent else _seconds(body)
    qr = add(world, account, scene, permanent=permanent, seconds=seconds)
    data = {"ticket": qr.ticket, "url": qr.url}
    return answer(data if seconds is None else data | {"expire_seconds": seconds})


@routes.get("/cgi-bin/showqrcode")
async def show(request: web.Request) -> web.Response:
    """The picture for a ticket; needs no access token."""
    world, ticket = request.app[WORLD], request.query.get("ticket", "")
    for account in world.accounts:
        qr = world.of(account).qrcodes.get(ticket)
        if qr is not None and not qr.expired(world.clock.time()):
            return web.Response(body=picture(qr.url), content_type="image/png")
    return web.Response(status=404, text="Not Found")


def add(world: World, account: AccountConfig, scene: str, *, permanent: bool, seconds: int | None) -> SceneQr:
    """Make the code; a permanent one for the same scene is the same code again."""
    codes = world.of(account).qrcodes
    if permanent:
        known = next((qr for qr in codes.values() if qr.permanent and qr.scene == scene), None)
        if known is not None:
            return known
        if sum(qr.permanent for qr in codes.values()) >= _MOST_PERMANENT:
            raise ApiError(45029, "qrcode count out of limit")
    ticket = "gQ" + base64.urlsafe_b64encode(secrets.token_bytes(66)).decode().rstrip("=") + "=="
    qr = SceneQr(
        ticket=ticket,
        url=f"http://weixin.qq.com/q/02{secrets.token_urlsafe(21)}",
        scene=scene,
        permanent=permanent,
        until=None if seconds is None else world.clock.time() + seconds,
    )
    codes[ticket] = qr
    world.changed.notify()
    return qr


def picture(text: str) -> bytes:
    """A PNG of the QR code."""
    buffer = io.BytesIO()
    qrcode.make(text, box_size=8, border=4).save(buffer)
    return buffer.getvalue()


def _scene(body: dict[str, Any], *, permanent: bool, by_text: bool) -> str:
    info = body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        raise ApiError(40053, "invalid action info")
    if by_text:
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= 64:
            raise ApiError(40053, "invalid action info")
        return text
    number = scene.get("scene_id")
    highest = 100_000 if permanent else 2**32 - 1
    if not isinstance(number, int) or not 1 <= number <= highest:
        raise ApiError(40053, "invalid action info")
    return str(number)


def _seconds(body: dict[str, Any]) -> int:
    seconds = body.get("expire_seconds", _DEFAULT_SECONDS)
    if not isinstance(seconds, int) or not 1 <= seconds <= LONGEST_SECONDS:
        raise ApiError(40097, "invalid args: expire_seconds")
    return seconds
