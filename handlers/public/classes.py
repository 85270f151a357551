"""Classes and what they cost, for everybody (`/classes`, `/classes/{code}`): 收费公示 (C5, B10). No login, no script."""

from typing import Any
from urllib.parse import quote

from aiohttp import web

from handlers.public.guard import tools
from handlers.public.pages import document, page, wants_json
from services.study.class_notices import ClassNotice, ClassNoticeService

routes = web.RouteTableDef()


@routes.get("/classes")
async def listed(request: web.Request) -> web.Response:
    """Open classes, the earliest first."""
    async with tools(request).unit_of_work() as work:
        notices = await ClassNoticeService(work).list_open()
        now = work.now
    if wants_json(request):
        return document({"classes": [_as_json(one) for one in notices], "queried_at": now.isoformat()})
    return page("classes.html", notices=notices, now=now, address=_address)


@routes.get("/classes/{code}")
async def one(request: web.Request) -> web.Response:
    """One class, also when nobody joins any more: what it charged stays public. Raises NotFoundError."""
    async with tools(request).unit_of_work() as work:
        notice = await ClassNoticeService(work).by_code(request.match_info["code"])
    if wants_json(request):
        return document(_as_json(notice))
    return page("class.html", one=notice)


def _address(notice: ClassNotice) -> str:
    return f"/classes/{quote(notice.code, safe='')}"


def _as_json(notice: ClassNotice) -> dict[str, Any]:
    return {
        "code": notice.code,
        "title": notice.title,
        "scheme": notice.scheme,
        "organisation": notice.organisation,
        "starts_on": notice.starts_on.isoformat(),
        "ends_on": notice.ends_on.isoformat(),
        "form": notice.form,
        "place": notice.place,
        "state": notice.state.value,
        "places_left": notice.places_left,
        "fees": [
            {
                "item": item.item,
                "amount_fen": item.amount_fen,
                "unit": item.unit,
                "basis": item.basis,
                "scope": item.scope,
            }
            for item in notice.fees.items
        ],
        "hotline": notice.fees.hotline,
        "version": notice.version,
        "updated_at": notice.updated_at.isoformat(),
    }
