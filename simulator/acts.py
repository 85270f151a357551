"""What a test or the phone may ask a follower to do, as JSON, turned into a callback and a bubble."""

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator import inbound
from simulator.config import AccountConfig
from simulator.errors import ApiError, ControlError
from simulator.inbound import Inbound
from simulator.media import Medium
from simulator.state import Follower
from simulator.world import World


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid")

    openid: str
    #: How many times the identical callback is delivered in all.
    repeat: int = Field(default=1, ge=1, le=50)
    #: Deliver the repeats at once rather than one after the other.
    parallel: bool = False
    #: Answer when the callback is done; otherwise at once.
    wait: bool = True
    #: A way of `simulator.tampering.WAYS`.
    tamper: str | None = None
    #: Encrypt with this EncodingAESKey rather than the account's: a key rotation under way.
    aes_key: str | None = None


class TextAct(_Act):
    """Types and sends a text; `msgmenu_id` when it comes from a tap on a msgmenu item."""

    type: Literal["text"]
    content: str
    msgmenu_id: str | None = None


class FileAct(_Act):
    """Sends a picture, voice or video; a picture needs its bytes."""

    type: Literal["image", "voice", "video", "shortvideo"]
    base64: str = ""
    filename: str = ""


class LocationAct(_Act):
    """Sends a place."""

    type: Literal["location"]
    latitude: float
    longitude: float
    scale: int = 16
    label: str = ""


class LinkAct(_Act):
    """Forwards a web page."""

    type: Literal["link"]
    title: str
    description: str = ""
    url: str


class ClickAct(_Act):
    """Taps a CLICK item of the menu."""

    type: Literal["click"]
    key: str


class ViewAct(_Act):
    """Taps a VIEW item of the menu."""

    type: Literal["view"]
    url: str


class ScanAct(_Act):
    """Scans a scene QR, given by its scene, ticket or URL."""

    type: Literal["scan"]
    scene: str


class EventAct(_Act):
    """Any event, with its fields as the platform names them."""

    type: Literal["event"]
    event: str
    key: str = ""
    fields: dict[str, Any] = Field(default_factory=dict)


class RawAct(_Act):
    """Any XML, signed and encrypted like a real callback."""

    type: Literal["raw"]
    xml: str


Act = Annotated[
    TextAct | FileAct | LocationAct | LinkAct | ClickAct | ViewAct | ScanAct | EventAct | RawAct,
    Field(discriminator="type"),
]


def perform(world: World, account: AccountConfig, follower: Follower, act: Act) -> Inbound:
    """Change the world as the act does, show it in the chat, and give the callback to deliver.

    Raises:
        ControlError: the follower does not follow, an unknown scene, a picture that is none.
    """
    if isinstance(act, RawAct):
        return Inbound(act.xml)
    if isinstance(act, ScanAct):
        return _scan(world, account, follower, act)
    if not follower.following and not isinstance(act, EventAct):
        raise ControlError("the follower does not follow the account", status=409)
    match act:
        case TextAct():
            _show(world, follower, "text", {"content": act.content})
            fields: dict[str, Any] = {"Content": act.content}
            if act.msgmenu_id is not None:
                fields["bizmsgmenuid"] = act.msgmenu_id
            return inbound.message(world, account, follower, "text", fields)
        case FileAct():
            return _file(world, account, follower, act)
        case LocationAct():
            place = {"latitude": act.latitude, "longitude": act.longitude, "label": act.label}
            _show(world, follower, "location", place)
            where = {"Location_X": act.latitude, "Location_Y": act.longitude}
            fields = where | {"Scale": act.scale, "Label": act.label}
            return inbound.message(world, account, follower, "location", fields)
        case LinkAct():
            _show(world, follower, "link", {"title": act.title, "url": act.url})
            fields = {"Title": act.title, "Description": act.description, "Url": act.url}
            return inbound.message(world, account, follower, "link", fields)
        case ClickAct():
            label = _menu_name(world, account, "key", act.key)
            _show(world, follower, "event", {"content": f"点了菜单「{label}」"})
            return inbound.event(world, account, follower, "CLICK", {"EventKey": act.key})
        case ViewAct():
            return inbound.event(world, account, follower, "VIEW", {"EventKey": act.url}, expects_reply=False)
        case EventAct():
            fields = ({"EventKey": act.key} if act.key else {}) | act.fields
            return inbound.event(world, account, follower, act.event, fields)


def _scan(world: World, account: AccountConfig, follower: Follower, act: ScanAct) -> Inbound:
    qr = world.find_qr(account, act.scene)
    if qr is None:
        raise ControlError(f"the account has no scene QR {act.scene!r}", status=404)
    callback = inbound.scan(world, account, follower, qr)
    _show(world, follower, "event", {"content": f"扫了二维码「{qr.scene}」"})
    return callback


def _file(world: World, account: AccountConfig, follower: Follower, act: FileAct) -> Inbound:
    medium = _receive(world, account, act)
    shown = {"media_id": medium.media_id, "url": f"/sim/media/{medium.media_id}"}
    _show(world, follower, act.type, shown)
    fields = {"MediaId": medium.media_id}
    if act.type == "image":
        fields = {"PicUrl": world.media_url(medium.media_id), "MediaId": medium.media_id}
    elif act.type == "voice":
        fields = {"MediaId": medium.media_id, "Format": "amr"}
    else:
        fields = {"MediaId": medium.media_id, "ThumbMediaId": medium.media_id}
    return inbound.message(world, account, follower, act.type, fields)


def _receive(world: World, account: AccountConfig, act: FileAct) -> Medium:
    try:
        data = base64.b64decode(act.base64, validate=True)
    except (binascii.Error, ValueError):
        raise ControlError("base64 is not base64") from None
    kind = {"shortvideo": "video"}.get(act.type, act.type)
    if not data and kind != "image":
        data = b"\0"
    content_type = {"voice": "audio/amr", "video": "video/mp4"}.get(kind, "application/octet-stream")
    try:
        return world.receive_file(account, kind, data, act.filename, content_type)
    except ApiError as error:
        raise ControlError(f"not a file a phone would send: {error.errmsg}", status=415) from None


def _show(world: World, follower: Follower, type: str, payload: dict[str, Any]) -> None:
    world.say(follower, via="follower", type=type, payload=payload, sent=True)


def _menu_name(world: World, account: AccountConfig, field: str, value: str) -> str:
    menu = world.of(account).menu or {"button": []}
    for button in menu["button"]:
        for item in [button, *button.get("sub_button", [])]:
            if item.get(field) == value:
                return str(item["name"])
    return value
