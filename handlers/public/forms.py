"""The form pages behind a one-time link: opened with a button, kept in the draft, closed when handed in."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import web

from handlers.chat.texts import eligibility
from handlers.public import browsers, form_texts
from handlers.public.guard import tools
from handlers.public.pages import SCRIPTED, page
from services.forms import Filled, FormService, Sheet
from services.links import LinkGoneError, LinkPurpose

_HERE: Final = Path(__file__).parent / "static"
#: Three long texts of 3,000 hanzi, nine bytes each on the wire, and the rest of the form.
_FORM_LIMIT: Final = 256 * 1024
_MOST_PARTS: Final = 600
_CELL: Final = re.compile(r"t\.([a-z0-9_]+)\.(\d{1,3})\.([a-z0-9_]+)")
routes = web.RouteTableDef()


@routes.get("/h5/forms/{token}")
async def show(request: web.Request) -> web.Response:
    """The page, for the browser that opened it; before that a door without anything of the draft behind it.

    A GET changes nothing: the platform and its previews fetch every address that is sent.
    """
    known = browsers.known(request)
    try:
        async with tools(request).unit_of_work() as work:
            sheet = await FormService(work).look(_token(request), browser=known)
    except LinkGoneError:
        return gone()
    if sheet is not None:
        return _page(request, sheet)
    response = page("form_door.html", closing="", action=_address(request, "/open"))
    browsers.remember(request, response)
    return _scripted(response)


@routes.post("/h5/forms/{token}/open")
async def open_(request: web.Request) -> web.Response:
    """The button of the door: from now on the link is this browser's."""
    if not (known := browsers.known(request)):
        return _scripted(
            page("form_door.html", status=422, closing="no_cookie", action=_address(request, "/open"))
        )
    try:
        async with tools(request).unit_of_work() as work:
            await FormService(work).open(_token(request), browser=known)
    except LinkGoneError:
        return gone()
    return _on_to(_address(request))


@routes.post("/h5/forms/{token}")
async def save(request: web.Request) -> web.Response:
    """Keep what was typed; 完成 closes the page when all of it was right, 退出 closes it without."""
    sent = await _sent(request)
    known, wish = browsers.known(request), (sent.get("wish") or ["save"])[0]
    try:
        async with tools(request).unit_of_work() as work:
            service = FormService(work)
            if wish == "leave":
                await service.leave(_token(request), browser=known)
                over = "left"
            else:
                saved = await service.save(
                    _token(request), _filled(sent), browser=known, finish=wish == "done"
                )
                over = "done" if saved.done else ""
    except LinkGoneError:
        return gone()
    if over:
        return _on_to(f"/h5/{over}")
    return _page(request, saved.sheet, status=422 if saved.sheet.wrong or saved.sheet.closed else 200)


@routes.get("/h5/{over:done|left}")
async def over(request: web.Request) -> web.Response:
    """The page is closed; how to go on."""
    return _scripted(page("form_over.html", over=request.match_info["over"]))


@routes.get("/assets/{name:weui.css|forms.css|forms.js}")
async def asset(request: web.Request) -> web.Response:
    """WeUI's stylesheet, ours on top of it, and the script that counts."""
    content, content_type = _ASSETS[request.match_info["name"]]
    return web.Response(
        body=content,
        content_type=content_type,
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


def gone() -> web.Response:
    """The same for a link that is wrong, expired, used up, or another browser's."""
    return _scripted(page("link_gone.html", status=410))


_ASSETS: Final = {
    "weui.css": ((_HERE / "vendor" / "weui" / "weui.min.css").read_bytes(), "text/css"),
    "forms.css": ((_HERE / "forms.css").read_bytes(), "text/css"),
    "forms.js": ((_HERE / "forms.js").read_bytes(), "text/javascript"),
}


def _page(request: web.Request, sheet: Sheet, *, status: int = 200) -> web.Response:
    unmet = eligibility.told_on_page(sheet.scheme, sheet.unmet) if sheet.unmet else ""
    if not unmet and sheet.short:
        unmet = eligibility.too_few(sheet.scheme, sheet.short)
    # Names what the browser keeps of this page, and opens nothing.
    keep = hashlib.sha256(_token(request).encode()).hexdigest()[:16]
    return _scripted(
        page(
            "form.html",
            status=status,
            sheet=sheet,
            say=form_texts,
            unmet=unmet,
            keep=keep,
            action=_address(request),
        )
    )


def _on_to(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})


def _scripted(response: web.Response) -> web.Response:
    response.headers["Content-Security-Policy"] = SCRIPTED
    return response


def _address(request: web.Request, below: str = "") -> str:
    return f"{LinkPurpose.FORM.path}{_token(request)}{below}"


def _token(request: web.Request) -> str:
    return request.match_info["token"]


async def _sent(request: web.Request) -> Mapping[str, list[str]]:
    """Every name with what was sent under it. Raises an HTTP 413 or 400."""
    if (request.content_length or 0) > _FORM_LIMIT:
        raise web.HTTPRequestEntityTooLarge(max_size=_FORM_LIMIT, actual_size=request.content_length or 0)
    try:
        sent = await request.clone(client_max_size=_FORM_LIMIT).post()
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest from error
    if len(sent) > _MOST_PARTS:
        raise web.HTTPBadRequest
    named: dict[str, list[str]] = defaultdict(list)
    for name, value in sent.items():
        if isinstance(value, str):
            # Without halves of characters and without NUL, which the database takes for neither text nor JSON.
            named[name].append(value.encode(errors="replace").decode().replace("\0", ""))
    return named


def _filled(sent: Mapping[str, list[str]]) -> Filled:
    """`f.key` a text, `c.key` ticked options, `t.key.row.column` a cell with the row's name in `r.key.row`."""
    texts: dict[str, str] = {}
    grids: dict[str, dict[str, dict[str, str]]] = {}
    for name, values in sent.items():
        kind, _, key = name.partition(".")
        if kind == "f":
            texts[key] = values[0].replace("\r\n", "\n")
        elif kind == "c":
            # An empty one stands for the list itself, which sends nothing when nothing is ticked.
            texts[key] = "、".join(value for value in values if value)
        elif (cell := _CELL.fullmatch(name)) is not None and (row := sent.get(f"r.{cell[1]}.{cell[2]}")):
            grids.setdefault(cell[1], {}).setdefault(row[0], {})[cell[3]] = values[0]
    return Filled(
        texts=texts,
        grids=grids,
        seen={name.removeprefix("s."): values[0] for name, values in sent.items() if name.startswith("s.")},
        theirs=frozenset(name.removeprefix("k.") for name in sent if name.startswith("k.")),
    )
