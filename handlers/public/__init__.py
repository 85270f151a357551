"""Pages for everybody: verification by QR or number, the holder's PDF, form pages by one-time link, health. No login.

No page needs a script; the form pages have a small one that counts while somebody types.

Imports services only; what may be shown is decided in `services.certificates.verification`.
"""

from aiohttp import web

from handlers.public import appeals, appointed, benchmarks, classes, data, forms, printed, site, verdicts
from handlers.public.guard import SITE, PublicSite, public_pages
from services.unit_of_work import Tools


def mount(
    app: web.Application, tools: Tools, *, trust_proxy: bool = False, framed_by: tuple[str, ...] = ()
) -> None:
    """Add the public pages to `app`, and friendly answers for every address that nobody else answers.

    `trust_proxy`: a proxy in front writes the asker's address last into `X-Forwarded-For`. `framed_by`: origins that may
    show the pages in a frame, as the demo's phone does; none otherwise.
    """
    app[SITE] = PublicSite(tools=tools, trust_proxy=trust_proxy, framed_by=framed_by)
    app.middlewares.append(public_pages)
    app.add_routes(site.routes)
    app.add_routes(verdicts.routes)
    app.add_routes(forms.routes)
    app.add_routes(data.routes)
    app.add_routes(appointed.routes)
    app.add_routes(appeals.routes)
    app.add_routes(benchmarks.routes)
    app.add_routes(printed.routes)
    app.add_routes(classes.routes)
