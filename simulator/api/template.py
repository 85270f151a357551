"""Template messages: /cgi-bin/message/template/send and the private template list."""

from typing import Any

from aiohttp import web

from simulator import xml
from simulator.api.gate import ACCOUNT, COURIER, WORLD, body_of, ok
from simulator.config import AccountConfig, TemplateConfig
from simulator.errors import ApiError
from simulator.state import Follower
from simulator.world import World

routes = web.RouteTableDef()

#: Characters of one field's value.
FIELD_LENGTH = 20
#: Seconds for which a `client_msg_id` keeps a second message from being sent.
DEDUPE_SECONDS = 600.0


@routes.post("/cgi-bin/message/template/send")
async def send(request: web.Request) -> web.Response:
    """A template card into the chat, and a TEMPLATESENDJOBFINISH receipt to the callback."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    follower = world.follower_of(account, body.get("touser"))
    template = world.template(account, str(body.get("template_id", "")))
    if template is None:
        raise ApiError(40037, "invalid template_id")
    if not follower.following:
        raise ApiError(43004, "require subscribe")
    values = field_values(template, body.get("data"))
    if (earlier := _sent_before(world, account, follower, body.get("client_msg_id"))) is not None:
        return ok(msgid=earlier)
    msg_id = world.next_id()
    _remember(world, account, follower, body.get("client_msg_id"), msg_id)
    if follower.template_outcome == "success":
        show(world, follower, template, values, via="template", url=str(body.get("url") or ""), msg_id=msg_id)
    receipt = _receipt(world, account, follower, msg_id)
    courier = request.app[COURIER]
    courier.later(courier.notify(account, follower.openid, receipt))
    return ok(msgid=msg_id)


@routes.get("/cgi-bin/template/get_all_private_template")
async def private_templates(request: web.Request) -> web.Response:
    """The account's template list."""
    world, account = request.app[WORLD], request[ACCOUNT]
    return ok(
        template_list=[
            {"template_id": t.template_id, "title": t.title, "content": t.content, "example": ""}
            for t in world.templates(account)
        ]
    )


def field_values(template: TemplateConfig, data: Any) -> dict[str, str]:
    """The text of each field, checked.

    Raises:
        ApiError: 47003 when a field is missing, empty, longer than 20 characters or has a line break.
    """
    if not isinstance(data, dict):
        raise ApiError(47003, "argument invalid! data")
    values = {}
    for name in template.field_names:
        entry = data.get(name)
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, str | int | float) or not str(value).strip():
            raise ApiError(47003, f"argument invalid! data.{name}.value is empty")
        text = str(value)
        if len(text) > FIELD_LENGTH or "\n" in text or "\r" in text:
            raise ApiError(47003, f"argument invalid! data.{name}.value invalid")
        values[name] = text
    return values


def show(
    world: World,
    follower: Follower,
    template: TemplateConfig,
    values: dict[str, str],
    *,
    via: str,
    url: str,
    msg_id: int,
) -> None:
    """Put the filled template into the chat as a card."""
    payload = {
        "template_id": template.template_id,
        "title": template.title,
        "fields": [{"label": label, "value": value} for label, value in template.lines(values)],
        "values": values,
        "url": url,
        "msg_id": msg_id,
    }
    world.say(follower, via=via, type="template", payload=payload)


def _sent_before(world: World, account: AccountConfig, follower: Follower, client_id: Any) -> int | None:
    if not client_id:
        return None
    known = world.of(account).client_msg_ids.get(f"{follower.openid} {client_id}")
    if known is None or world.clock.time() - known[1] >= DEDUPE_SECONDS:
        return None
    return known[0]


def _remember(world: World, account: AccountConfig, follower: Follower, client_id: Any, msg_id: int) -> None:
    if not client_id:
        return
    now, known = world.clock.time(), world.of(account).client_msg_ids
    for key in [key for key, (_, at) in known.items() if now - at >= DEDUPE_SECONDS]:
        del known[key]
    known[f"{follower.openid} {client_id}"] = (msg_id, now)


def _receipt(world: World, account: AccountConfig, follower: Follower, msg_id: int) -> str:
    return xml.write(
        {
            "ToUserName": account.original_id,
            "FromUserName": follower.openid,
            "CreateTime": int(world.clock.time()),
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": msg_id,
            "Status": follower.template_outcome,
        }
    )
