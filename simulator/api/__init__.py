"""The platform's HTTP interface under /cgi-bin: one module per subject, guarded by `gate`."""

from aiohttp import web

from simulator.api import (
    custom,
    mass,
    material,
    media,
    menu,
    qrcode,
    quota,
    subscribe,
    tags,
    template,
    token,
    users,
)


def add_routes(app: web.Application) -> None:
    """Put every simulated endpoint at its real path."""
    for module in (
        token,
        custom,
        template,
        subscribe,
        mass,
        media,
        material,
        menu,
        users,
        tags,
        qrcode,
        quota,
    ):
        app.router.add_routes(module.routes)
