"""Subscription notices: /cgi-bin/message/subscribe/bizsend; one grant of the follower, one message."""

from aiohttp import web

from simulator import xml
from simulator.api.gate import ACCOUNT, COURIER, WORLD, body_of, ok
from simulator.api.template import field_values, show
from simulator.errors import ApiError

routes = web.RouteTableDef()


@routes.post("/cgi-bin/message/subscribe/bizsend")
async def bizsend(request: web.Request) -> web.Response:
    """A notice into the chat, and a subscribe_msg_sent_event to the callback."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    follower = world.follower_of(account, body.get("touser"))
    template_id = str(body.get("template_id", ""))
    template = world.template(account, template_id)
    if template is None:
        raise ApiError(40037, "invalid template_id")
    if follower.grants.get(template_id, 0) < 1:
        raise ApiError(43101, "user refuse to accept the msg")
    values = field_values(template, body.get("data"))
    follower.grants[template_id] -= 1
    msg_id = world.next_id()
    show(world, follower, template, values, via="notice", url=str(body.get("page") or ""), msg_id=msg_id)
    outcome = {"TemplateId": template_id, "MsgID": msg_id, "ErrorCode": 0, "ErrorStatus": "success"}
    receipt = xml.write(
        {
            "ToUserName": account.original_id,
            "FromUserName": follower.openid,
            "CreateTime": int(world.clock.time()),
            "MsgType": "event",
            "Event": "subscribe_msg_sent_event",
            "SubscribeMsgSentEvent": {"List": outcome},
        }
    )
    courier = request.app[COURIER]
    courier.later(courier.notify(account, follower.openid, receipt))
    return ok()
