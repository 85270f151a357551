"""What tests and the phone ask of the simulator: JSON under /sim, no password, for loopback only."""

from aiohttp import web

from simulator.control import acting, followers, platform, reading, scanning


def add_routes(app: web.Application) -> None:
    """Put every control request at its path."""
    for module in (followers, acting, scanning, reading, platform):
        app.router.add_routes(module.routes)
