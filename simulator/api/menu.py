"""The menu at the foot of the chat: create, get, delete, with the platform's limits."""

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from simulator.api.gate import ACCOUNT, WORLD, answer, body_of, ok
from simulator.errors import ApiError

routes = web.RouteTableDef()

KEY_BYTES = 128
URL_BYTES = 1024

_NEEDS = {
    "click": "key",
    "view": "url",
    "scancode_push": "key",
    "scancode_waitmsg": "key",
    "pic_sysphoto": "key",
    "pic_photo_or_album": "key",
    "pic_weixin": "key",
    "location_select": "key",
    "media_id": "media_id",
    "article_id": "article_id",
    "article_view_limited": "article_id",
    "miniprogram": "url",
}


@routes.post("/cgi-bin/menu/create")
async def create(request: web.Request) -> web.Response:
    """Replace the menu; the phones show it at once."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    world.of(account).menu = {"button": _buttons(body.get("button"))}
    world.changed.notify()
    return ok()


@routes.get("/cgi-bin/menu/get")
async def get(request: web.Request) -> web.Response:
    """The menu in force."""
    menu = request.app[WORLD].of(request[ACCOUNT]).menu
    if menu is None:
        raise ApiError(46003, "menu no exist")
    return answer({"menu": menu})


@routes.get("/cgi-bin/menu/delete")
async def delete(request: web.Request) -> web.Response:
    """No menu any more."""
    world = request.app[WORLD]
    world.of(request[ACCOUNT]).menu = None
    world.changed.notify()
    return ok()


def _buttons(buttons: Any) -> list[dict[str, Any]]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise ApiError(40016, "invalid button size")
    checked = []
    for button in buttons:
        if not isinstance(button, dict):
            raise ApiError(40017, "invalid button type")
        name = _name(button, longest=4, errcode=40018)
        below = button.get("sub_button")
        if not below:
            checked.append(_action(button, name, sub=False))
            continue
        if not isinstance(below, list) or len(below) > 5:
            raise ApiError(40023, "invalid sub button size")
        checked.append({"name": name, "sub_button": [_sub_button(item) for item in below]})
    return checked


def _sub_button(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ApiError(40024, "invalid sub button type")
    if item.get("sub_button"):
        raise ApiError(40022, "invalid sub menu level")
    return _action(item, _name(item, longest=8, errcode=40025), sub=True)


def _name(button: dict[str, Any], *, longest: int, errcode: int) -> str:
    """The name, at most `longest` Chinese characters wide; two narrow letters count as one."""
    name = button.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ApiError(errcode, "invalid button name size")
    if sum(1.0 if ord(letter) > 0xFF else 0.5 for letter in name) > longest:
        raise ApiError(errcode, "invalid button name size")
    return name


def _action(button: dict[str, Any], name: str, *, sub: bool) -> dict[str, Any]:
    kind = button.get("type")
    if not isinstance(kind, str) or kind not in _NEEDS:
        raise ApiError(40024 if sub else 40017, "invalid button type")
    needed = _NEEDS[kind]
    value = button.get(needed)
    if not isinstance(value, str) or not value:
        raise ApiError(40026 if sub else 40019, f"invalid button {needed} size")
    if needed == "key" and len(value.encode()) > KEY_BYTES:
        raise ApiError(40026 if sub else 40019, "invalid button key size")
    if needed == "url":
        if len(value.encode()) > URL_BYTES:
            raise ApiError(40027 if sub else 40020, "invalid button url size")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ApiError(40055, "invalid button url domain")
    kept = {"type": kind, "name": name, needed: value}
    return kept | {key: button[key] for key in ("appid", "pagepath") if key in button} | {"sub_button": []}
