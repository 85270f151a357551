"""Temporary media: /cgi-bin/media/upload, /get and /uploadimg."""

from urllib.parse import quote

from aiohttp import BodyPartReader, web

from simulator import media
from simulator.api.gate import ACCOUNT, WORLD, answer
from simulator.errors import ApiError
from simulator.media import Medium

routes = web.RouteTableDef()


@routes.post("/cgi-bin/media/upload")
async def upload(request: web.Request) -> web.Response:
    """Keep a file for three days. The answer is JSON labelled text/plain, as the platform labels it."""
    medium = await receive(request, request.query.get("type", ""))
    request.app[WORLD].keep_medium(request[ACCOUNT], medium)
    data = {
        "type": medium.kind,
        "media_id": medium.media_id,
        "created_at": int(medium.created_at),
        "item": [],
    }
    if medium.kind == "thumb":
        data["thumb_media_id"] = data.pop("media_id")
    return answer(data, content_type="text/plain")


@routes.post("/cgi-bin/media/uploadimg")
async def upload_image(request: web.Request) -> web.Response:
    """A picture for articles: its address."""
    world = request.app[WORLD]
    medium = world.keep_medium(request[ACCOUNT], await receive(request, "image"))
    return answer({"url": world.media_url(medium.media_id)}, content_type="text/plain")


@routes.get("/cgi-bin/media/get")
async def get(request: web.Request) -> web.Response:
    """The bytes of a file that is not yet three days old."""
    medium = request.app[WORLD].medium_of(request[ACCOUNT], request.query.get("media_id"))
    disposition = f'attachment; filename="{quote(medium.filename)}"'
    return web.Response(
        body=medium.data,
        headers={"Content-Type": medium.content_type, "Content-Disposition": disposition},
    )


async def receive(request: web.Request, kind: str) -> Medium:
    """The file of a form, checked. Raises ApiError 41005 when there is none, and as `media.admit`."""
    if not request.content_type.startswith("multipart/"):
        raise ApiError(41005, "media data missing")
    now = request.app[WORLD].clock.time()
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "media":
                data = bytes(await part.read(decode=True))
                content_type = part.headers.get("Content-Type", "application/octet-stream")
                return media.admit(kind, data, part.filename or "", content_type, now)
    except ValueError:
        raise ApiError(41005, "media data missing") from None
    raise ApiError(41005, "media data missing")
