"""The public list of appointed people (E8): searched by laboratory and field, a page at a time, as a page or as JSON."""

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from handlers.public.guard import tools
from handlers.public.pages import document, page, wants_json
from services.appointments.public import PublicList, public_list
from services.rules.localtime import SHANGHAI

_LONGEST: Final = 40
routes = web.RouteTableDef()


@routes.get("/appointments")
async def appointed(request: web.Request) -> web.Response:
    """Who is appointed now: name, laboratory, fields, and nothing else."""
    scheme_id, laboratory, field = (_given(request, key) for key in ("scheme", "laboratory", "field"))
    number = request.query.get("page", "")
    async with tools(request).unit_of_work() as work:
        found = await public_list(
            work,
            scheme_id=scheme_id,
            laboratory=laboratory,
            field=field,
            page=int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
        )
        now = work.now
    if wants_json(request):
        return document(
            {**_as_json(found), "queried_at": now.astimezone(SHANGHAI).isoformat(timespec="seconds")}
        )

    def address(to: int) -> str:
        query = {"scheme": scheme_id, "laboratory": laboratory, "field": field, "page": to if to > 1 else ""}
        return f"/appointments?{urlencode({key: value for key, value in query.items() if value})}"

    return page(
        "appointed.html",
        found=found,
        laboratory=laboratory,
        field=field,
        asked=bool(laboratory or field),
        address=address,
        now=now,
    )


def _given(request: web.Request, key: str) -> str:
    # A lone half of a character would not reach the database.
    return request.query.get(key, "").strip()[:_LONGEST].encode(errors="replace").decode().replace("\0", "")


def _as_json(found: PublicList) -> dict[str, object]:
    return {
        "scheme": found.scheme_id,
        "title": found.title,
        "issuer": found.issuer,
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "people": [
            {"name": one.name, "laboratory": one.laboratory, "fields": list(one.fields)}
            for one in found.items
        ],
    }
