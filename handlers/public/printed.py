"""The form that is printed, signed and sealed: a PDF behind an address that was signed for its applicant."""

import asyncio
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from handlers.public.guard import SITE, tools
from handlers.public.pages import page
from services.errors import NotFoundError
from services.printing import PrintingService
from services.typesetting.fonts import UnprintableTextError
from services.typesetting.form import render_form

routes = web.RouteTableDef()


@routes.get("/h5/printed/{enrolment_id}/{material}/{expires}/{signature}.pdf")
async def form(request: web.Request) -> web.Response:
    """The form as it would be filled now; rendered in a thread, outside of any transaction, two at a time."""
    given = request.match_info
    try:
        enrolment_id, expires = UUID(given["enrolment_id"]), int(given["expires"])
    except ValueError:
        return _gone()
    try:
        async with tools(request).unit_of_work() as work:
            prepared = await PrintingService(work).prepare(
                enrolment_id, given["material"], expires, given["signature"]
            )
    except NotFoundError:
        return _gone()
    try:
        async with request.config_dict[SITE].press:
            content = await asyncio.to_thread(render_form, prepared.sheet)
    except UnprintableTextError as error:
        async with tools(request).unit_of_work() as work:
            labels = await PrintingService(work).unprintable_labels(prepared, error.characters)
        return page("print_refused.html", status=422, characters="、".join(error.characters), labels=labels)
    async with tools(request).unit_of_work() as work:
        await PrintingService(work).keep(prepared)
    return web.Response(
        body=content,
        content_type="application/pdf",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(prepared.filename)}"},
    )


def _gone() -> web.Response:
    return page("link_gone.html", status=410)
