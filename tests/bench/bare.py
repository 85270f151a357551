"""Bare aiohttp as a process, beside which everything is measured: it reads a callback's body and answers `success`."""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import uvloop
from aiohttp import web

PATH = "/wechat/main"


async def take(request: web.Request) -> web.Response:
    """The least that can be done with a callback."""
    await request.read()
    return web.Response(text="success")


async def serve() -> None:
    """Until stdin ends."""
    app = web.Application()
    app.router.add_post(PATH, take)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    await until_let_go(bare=runner.addresses[0][1])
    await runner.cleanup()


async def until_let_go(**ready: int) -> None:
    """Say in one line of JSON that we are ready, and wait until whoever started us closes our stdin."""
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()


def port_of(address: str) -> int:
    """The port of `http://host:port`."""
    port = urlsplit(address).port
    assert port is not None
    return port


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(serve())
