"""The simulator as an aiohttp application, and as something that runs on a port."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from simulator import api, control, keeping, phone
from simulator.api import gate
from simulator.api.gate import COURIER, WORLD
from simulator.callbacks import Courier
from simulator.config import SimulatorConfig
from simulator.control import wire
from simulator.world import World

#: Bytes of a request: a 10 MB picture as base64 with room for its frame.
_REQUEST_BYTES = 16 * 1024 * 1024


def create_app(config: SimulatorConfig) -> web.Application:
    """The whole platform: API at the root, phone at `/`, control at `/sim`."""
    app = web.Application(middlewares=[wire.middleware, gate.middleware], client_max_size=_REQUEST_BYTES)
    world = World(config, keeping.load(config.state_dir) if config.state_dir else None)
    app[WORLD] = world
    app[COURIER] = Courier(world)
    api.add_routes(app)
    control.add_routes(app)
    phone.add_routes(app)
    app.cleanup_ctx.append(_life)
    app.on_shutdown.append(_release)
    return app


@dataclass
class RunningSimulator:
    """A simulator that listens."""

    url: str
    app: web.Application
    _runner: web.AppRunner

    async def stop(self) -> None:
        """Close every connection and write what is to be kept."""
        await self._runner.cleanup()


async def start(config: SimulatorConfig, *, host: str, port: int) -> RunningSimulator:
    """Listen on `host`:`port`; port 0 lets the system choose, and `.url` says which it is.

    Raises:
        OSError: the address is taken.
        StateFileError: the state folder cannot be read.
    """
    app = create_app(config)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    bound = runner.addresses[0][1]
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104
    url = f"http://{shown}:{bound}"
    app[WORLD].base_url = url
    return RunningSimulator(url, app, runner)


async def _life(app: web.Application) -> AsyncIterator[None]:
    world, courier = app[WORLD], app[COURIER]
    keeper = keeping.Keeper(world, world.config.state_dir) if world.config.state_dir else None
    if keeper is not None:
        keeper.start()
    yield
    await courier.stop()
    if keeper is not None:
        await keeper.stop()


async def _release(app: web.Application) -> None:
    """Let go of those who wait, or they would hold up the end."""
    app[WORLD].changed.close()
    await asyncio.sleep(0)
