"""扫一扫: what a phone's camera would do with a QR code, given its picture or its text."""

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import BodyPartReader, web
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel

from simulator import inbound
from simulator.api.gate import COURIER, WORLD
from simulator.api.qrcode import add, picture
from simulator.config import AccountConfig
from simulator.control.acting import outcome_json
from simulator.control.wire import body_of
from simulator.errors import ControlError
from simulator.state import SceneQr
from simulator.world import World

routes = web.RouteTableDef()

_PIXELS = 40_000_000


class Scan(BaseModel):
    """What the code says: a scene, a ticket, the platform's QR address, or any web address."""

    openid: str
    content: str = ""


class NewCode(BaseModel):
    """A scene QR made on the account's behalf; permanent unless `seconds` is given."""

    account: str | None = None
    scene: str
    seconds: int | None = None


@routes.post("/sim/scan")
async def scan(request: web.Request) -> web.Response:
    """Scan: a scene QR sends its event, a web address is handed back to be opened."""
    world = request.app[WORLD]
    openid, content = await _scanned(request)
    follower = world.follower(openid)
    account = world.account(follower.account)
    qr = find(world, account, content)
    if qr is not None:
        callback = inbound.scan(world, account, follower, qr)
        shown = {"content": f"扫了二维码「{qr.scene}」"}
        world.say(follower, via="follower", type="event", payload=shown, sent=True)
        outcome = await request.app[COURIER].deliver(account, follower, callback)
        return web.json_response({"kind": "scene", "scene": qr.scene} | outcome_json(outcome))
    parts = urlsplit(content)
    if parts.scheme in {"http", "https"} and parts.netloc and parts.netloc != "weixin.qq.com":
        return web.json_response({"kind": "url", "url": content})
    raise ControlError("没有认出这个二维码：它不是本公众号的场景码，也不是网址", status=404)


@routes.get("/sim/qrcodes")
async def list_codes(request: web.Request) -> web.Response:
    """The scene QRs of an account that are good now."""
    world = request.app[WORLD]
    account = world.account(request.query.get("account"))
    now = world.clock.time()
    codes = [_code_json(qr) for qr in world.of(account).qrcodes.values() if not qr.expired(now)]
    return web.json_response({"qrcodes": codes})


@routes.post("/sim/qrcodes")
async def create_code(request: web.Request) -> web.Response:
    """Make a scene QR without going through the API."""
    world = request.app[WORLD]
    body = await body_of(request, NewCode)
    account = world.account(body.account)
    if not 1 <= len(body.scene) <= 64:
        raise ControlError("a scene has 1 to 64 characters")
    qr = add(world, account, body.scene, permanent=body.seconds is None, seconds=body.seconds)
    return web.json_response(_code_json(qr), status=201)


@routes.get("/sim/qr.png")
async def draw(request: web.Request) -> web.Response:
    """A QR picture of any text, to hold before the phone."""
    return web.Response(body=picture(request.query.get("text", "")), content_type="image/png")


def find(world: World, account: AccountConfig, content: str) -> SceneQr | None:
    """The scene QR that a scanned text means."""
    found = world.find_qr(account, content.strip())
    if found is None and (ticket := parse_qs(urlsplit(content).query).get("ticket")):
        found = world.find_qr(account, ticket[0])
    return found


def decode(data: bytes) -> str:
    """The text of the QR code in a picture.

    Raises:
        ControlError: no picture, no code in it, or no decoder is installed.
    """
    try:
        import zxingcpp
    except ImportError:
        raise ControlError("识别图片需要安装 zxing-cpp；请改为粘贴二维码里的网址", status=501) from None
    try:
        image = Image.open(io.BytesIO(data))
        if image.width * image.height > _PIXELS:
            raise ControlError("图片太大", status=413)
        pixels = image.convert("L")
    except (UnidentifiedImageError, OSError):
        raise ControlError("这不是一张图片", status=415) from None
    found = zxingcpp.read_barcodes(pixels)
    if not found:
        raise ControlError("图片里没有找到二维码", status=404)
    return found[0].text


async def _scanned(request: web.Request) -> tuple[str, str]:
    if not request.content_type.startswith("multipart/"):
        body = await body_of(request, Scan)
        return body.openid, body.content.strip()
    openid, content = "", ""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "openid":
            openid = await part.text()
        elif part.name == "file":
            content = decode(bytes(await part.read(decode=True)))
    return openid, content.strip()


def _code_json(qr: SceneQr) -> dict[str, Any]:
    return {
        "scene": qr.scene,
        "ticket": qr.ticket,
        "url": qr.url,
        "permanent": qr.permanent,
        "image": f"/cgi-bin/showqrcode?ticket={qr.ticket}",
    }
