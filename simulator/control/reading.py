"""What arrived on the phones: inbox, whole chat, live stream, pictures."""

import asyncio
import json
from typing import Any

from aiohttp import web

from simulator.api.gate import WORLD
from simulator.control.wire import item_json, number
from simulator.errors import ControlError
from simulator.state import ChatItem
from simulator.world import World

routes = web.RouteTableDef()

#: Seconds after which a silent stream says that it is alive.
HEARTBEAT = 15.0
LONGEST_WAIT = 60.0


@routes.get("/sim/inbox/{openid}")
async def inbox(request: web.Request) -> web.Response:
    """Everything the follower received after `after`; with `wait` seconds, until there is something."""
    return await _read(request, received_only=True)


@routes.get("/sim/chat/{openid}")
async def chat(request: web.Request) -> web.Response:
    """Both sides of the chat after `after`."""
    return await _read(request, received_only=False)


@routes.get("/sim/media/{media_id}")
async def medium(request: web.Request) -> web.Response:
    """A picture by its media id, without a token: PicUrl points here."""
    world = request.app[WORLD]
    found = world.state.media.get(request.match_info["media_id"])
    if found is None:
        raise ControlError("no such medium", status=404)
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=found.data, content_type=found.content_type, headers=headers)


@routes.get("/sim/stream")
async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events: `chat` for each new bubble, `world` when followers, menus or codes may differ.

    `after` (or Last-Event-ID) is the number of the last bubble already known.
    """
    world = request.app[WORLD]
    seen = int(number(request, "after", world.state.chat_seq))
    if (last := request.headers.get("Last-Event-ID", "")).isdigit():
        seen = min(int(last), world.state.chat_seq)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    await response.write(b"retry: 1000\n\n")
    try:
        while not world.changed.closed:
            fresh = _since(world, seen)
            if fresh:
                seen = fresh[-1].seq
                await response.write(b"".join(_event("chat", item_json(item), item.seq) for item in fresh))
            elif await world.changed.wait(HEARTBEAT):
                await response.write(_event("world", {}, None))
            else:
                await response.write(b": alive\n\n")
    except (ConnectionResetError, asyncio.CancelledError):
        pass
    return response


async def _read(request: web.Request, *, received_only: bool) -> web.Response:
    world, openid = request.app[WORLD], request.match_info["openid"]
    world.follower(openid)
    after = int(number(request, "after"))
    loop = asyncio.get_running_loop()
    deadline = loop.time() + min(number(request, "wait"), LONGEST_WAIT)
    while True:
        items = world.chat(openid, after=after, received_only=received_only)
        left = deadline - loop.time()
        if items or left <= 0 or world.changed.closed:
            break
        await world.changed.wait(left)
    last = items[-1].seq if items else after
    return web.json_response({"items": [item_json(item) for item in items], "last": last})


def _since(world: World, seen: int) -> list[ChatItem]:
    fresh = [item for chat in world.state.chats.values() for item in chat[-100:] if item.seq > seen]
    return sorted(fresh, key=lambda item: item.seq)


def _event(name: str, data: dict[str, Any], seq: int | None) -> bytes:
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
