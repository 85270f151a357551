"""Sending as a follower: what the account is told, and the passive reply it gave."""

import base64
from typing import Any

import aiohttp
from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from simulator import acts, callbacks, crypto, tampering
from simulator.acts import Act
from simulator.api.gate import COURIER, WORLD
from simulator.callbacks import Outcome
from simulator.config import AccountConfig
from simulator.control.wire import act_of, body_of
from simulator.errors import ControlError

routes = web.RouteTableDef()

_ACT: TypeAdapter[Act] = TypeAdapter(Act)


class RawCallback(BaseModel):
    """Any request to the callback; without `query` it is signed properly for `body`'s account."""

    model_config = ConfigDict(extra="forbid")

    account: str | None = None
    method: str = "POST"
    query: dict[str, str] | None = None
    body: str = ""
    #: Bytes that are no text.
    body_base64: str | None = None
    content_type: str = "text/xml"
    #: Repeat `body` up to this many bytes.
    pad_to: int = Field(default=0, le=64 * 1024 * 1024)


@routes.post("/sim/send")
async def send(request: web.Request) -> web.Response:
    """A follower writes, sends, taps or scans."""
    world, courier = request.app[WORLD], request.app[COURIER]
    act: Act = await _act(request)
    follower = world.follower(act.openid)
    account = world.account(follower.account)
    if act.tamper is not None and act.tamper not in tampering.WAYS:
        raise ControlError(f"tamper must be one of {', '.join(tampering.WAYS)}")
    callback = acts.perform(world, account, follower, act)
    envelope = callbacks.seal(account, follower.openid, callback.xml, aes_key=act.aes_key)
    if act.tamper is not None:
        envelope = tampering.tamper(account, envelope, act.tamper)
    delivery = courier.deliver(
        account, follower, callback, envelope=envelope, repeat=act.repeat, parallel=act.parallel
    )
    if not act.wait:
        courier.later(delivery)
        return web.json_response({"queued": True, "msg_id": callback.msg_id}, status=202)
    return web.json_response(outcome_json(await delivery) | {"msg_id": callback.msg_id})


@routes.post("/sim/raw-callback")
async def raw_callback(request: web.Request) -> web.Response:
    """Send exactly these bytes to the callback, once."""
    world, courier = request.app[WORLD], request.app[COURIER]
    body = await body_of(request, RawCallback)
    account = world.account(body.account)
    query = body.query if body.query is not None else callbacks.seal(account, "raw", "").query
    data = body.body.encode() if body.body_base64 is None else base64.b64decode(body.body_base64)
    if body.pad_to > len(data) > 0:
        data = (data * (body.pad_to // len(data) + 1))[: body.pad_to]
    exchange = world.traffic.record(
        at=world.clock.now().isoformat(),
        direction="callback",
        method=body.method,
        path=account.callback_url,
        query=query,
        request=data[:2000].decode("utf-8", "replace"),
        account=account.name,
    )
    try:
        if body.method == "GET":
            status, text = await courier.get(account.callback_url, query)
        else:
            status, text = await courier.post(account.callback_url, query, data, body.content_type)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        exchange.error = f"connection: {error!r}"
        return web.json_response({"status": None, "body": "", "error": exchange.error})
    exchange.status, exchange.response = status, text
    return web.json_response({"status": status, "body": text, "error": None})


@routes.post("/sim/verify-url")
async def verify_url(request: web.Request) -> web.Response:
    """Check the callback address as the platform does when it is configured: GET with an echostr."""
    world, courier = request.app[WORLD], request.app[COURIER]
    name = (await body_of(request, _AccountName)).account
    account = world.account(name)
    echo = str(world.next_id())
    try:
        status, text = await courier.get(account.callback_url, _echo_query(account, echo))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return web.json_response({"ok": False, "status": None, "error": repr(error)})
    return web.json_response({"ok": status == 200 and text == echo, "status": status, "body": text})


class _AccountName(BaseModel):
    account: str | None = None


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What came of a callback; `replies` has one entry for each identical delivery."""
    return {
        "reply": outcome.reply,
        "tries": outcome.tries,
        "error": outcome.error,
        "status": outcome.status,
        "replies": outcome.replies,
    }


def _echo_query(account: AccountConfig, echo: str) -> dict[str, str]:
    query = callbacks.seal(account, "", "<xml></xml>").query
    timestamp, nonce = query["timestamp"], query["nonce"]
    return {
        "signature": crypto.signature(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }


async def _act(request: web.Request) -> Any:
    if not request.content_type.startswith("multipart/"):
        return await act_of(request, _ACT)
    fields: dict[str, Any] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        if part.name == "file":
            fields["base64"] = base64.b64encode(bytes(await part.read(decode=True))).decode()
            fields["filename"] = part.filename or ""
        else:
            fields[part.name] = await part.text()
    return _ACT.validate_python({"type": "image"} | fields)
