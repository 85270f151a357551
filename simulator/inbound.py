"""What a follower does, turned into the XML the account's callback receives."""

from dataclasses import dataclass
from typing import Any

from simulator import xml
from simulator.config import AccountConfig
from simulator.errors import ControlError
from simulator.state import Follower, SceneQr
from simulator.world import World

_MENU_EVENTS = frozenset({"CLICK", "scancode_push", "scancode_waitmsg"})


@dataclass(frozen=True)
class Inbound:
    """One callback ready to be sent: its plain XML and, for a message, its MsgId."""

    xml: str
    msg_id: int | None = None
    #: Whether the follower waits for an answer, so that silence shows the error bubble.
    expects_reply: bool = True


def message(
    world: World, account: AccountConfig, follower: Follower, kind: str, fields: dict[str, Any]
) -> Inbound:
    """A message of `kind` with the fields of that kind; opens the 48-hour window."""
    msg_id = world.next_id()
    follower.windows.renew("menu" if "bizmsgmenuid" in fields else "message", world.clock.time())
    head = _head(account, follower, int(world.clock.time()), kind)
    return Inbound(xml.write(head | fields | {"MsgId": msg_id}), msg_id)


def event(
    world: World,
    account: AccountConfig,
    follower: Follower,
    name: str,
    fields: dict[str, Any],
    *,
    expects_reply: bool = True,
) -> Inbound:
    """An event; menu clicks open the one-minute window.

    Two events of one follower never share FromUserName + CreateTime + Event + EventKey, which is the
    key by which duplicates are known: the later one's CreateTime is moved on by a second.
    """
    if name in _MENU_EVENTS:
        follower.windows.renew("menu", world.clock.time())
    key = f"{name} {fields.get('EventKey', '')}"
    created = max(int(world.clock.time()), follower.event_times.get(key, 0) + 1)
    follower.event_times[key] = created
    head = _head(account, follower, created, "event")
    return Inbound(xml.write(head | {"Event": name} | fields), expects_reply=expects_reply)


def subscribe(world: World, account: AccountConfig, follower: Follower, qr: SceneQr | None) -> Inbound:
    """The follower follows, from a scanned scene QR when `qr` is given."""
    now = world.clock.time()
    follower.following = True
    follower.subscribed_at = now
    follower.subscribe_scene = "ADD_SCENE_QR_CODE" if qr else "ADD_SCENE_SEARCH"
    follower.qr_scene = qr.scene if qr else ""
    follower.windows.renew("subscribe", now)
    fields = {"EventKey": f"qrscene_{qr.scene}", "Ticket": qr.ticket} if qr else {"EventKey": ""}
    return event(world, account, follower, "subscribe", fields)


def unsubscribe(world: World, account: AccountConfig, follower: Follower) -> Inbound:
    """The follower leaves: windows, tags and grants go with it."""
    follower.following = False
    follower.windows.close()
    follower.tags.clear()
    follower.grants.clear()
    return event(world, account, follower, "unsubscribe", {"EventKey": ""}, expects_reply=False)


def scan(world: World, account: AccountConfig, follower: Follower, qr: SceneQr) -> Inbound:
    """A scene QR is scanned: SCAN for one who follows, else subscribe with the scene."""
    if qr.expired(world.clock.time()):
        raise ControlError("该二维码已过期", status=410)
    if not follower.following:
        return subscribe(world, account, follower, qr)
    follower.windows.renew("scan", world.clock.time())
    return event(world, account, follower, "SCAN", {"EventKey": qr.scene, "Ticket": qr.ticket})


def _head(account: AccountConfig, follower: Follower, created: int, kind: str) -> dict[str, Any]:
    return {
        "ToUserName": account.original_id,
        "FromUserName": follower.openid,
        "CreateTime": created,
        "MsgType": kind,
    }
