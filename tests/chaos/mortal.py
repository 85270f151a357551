"""Workers to be killed: `python -m tests.chaos.mortal` forks one for every order that it reads.

A fork of a process that has everything imported is there in milliseconds, so hundreds can die in a minute. Each is a
worker as `zhengtu worker` has it: the same delivery loop, messenger, token store and transport, uvloop, a database pool
of its own; only the clock is one that the test can put forward.
"""

import asyncio
import gc
import json
import logging
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
import uvloop

from bot.wechat.account import WeChatAccount
from bot.wechat.client import AccountClient
from bot.wechat.messenger import WeChatMessenger
from bot.wechat.tokens import TokenStore
from bot.wechat.transport import Transport
from scheduler.delivery import DeliveryLoop
from scheduler.runner import owner
from services.schemes.loader import SchemeCatalogue, load_catalogue
from services.unit_of_work import Tools
from storage.crypto import Keyring
from storage.database import Database
from storage.files import open_files
from tests.chaos.awaits import Order, Watch
from tests.chaos.batch import AheadClock
from tests.conftest import SECRET

TEMPLATES = {"main": {"progress": "tpl-progress"}}
ACCOUNT = {
    "name": "main",
    "app_id": "wx1234567890abcdef",
    "app_secret": "s" * 32,
    "token": "token",
    "mode": "plain",
}


@dataclass
class Made:
    """What every worker would make for itself and finds made: the schemes, and an engine that knows its statements.

    An engine without connections is nothing but memory, which a fork may share.
    """

    schemes: SchemeCatalogue
    _databases: dict[str, Database] = field(default_factory=dict)

    def database(self, url: str) -> Database:
        if url not in self._databases:
            self._databases[url] = Database(url)
        return self._databases[url]


async def deliver(given: dict[str, Any], made: Made, stop: asyncio.Event) -> None:
    """Send what is in the outbox until `stop`."""
    clock = AheadClock(timedelta(seconds=given["ahead"]))
    keyring = Keyring([SECRET])
    database = made.database(given["database_url"])
    tools = Tools(
        database=database,
        keyring=keyring,
        files=open_files(given["files"], keyring),
        schemes=made.schemes,
        public_url="http://127.0.0.1:8080",
        accounts=("main",),
        quiet_hours=False,
        clock=clock,
    )
    accounts = {"main": WeChatAccount(**ACCOUNT, api_url=given["platform_url"])}  # type: ignore[arg-type]
    async with Transport() as transport:
        tokens = TokenStore(accounts, database.sessions, keyring, transport, clock)
        messenger = WeChatMessenger(
            {name: AccountClient(account, transport, tokens) for name, account in accounts.items()}
        )
        loop = DeliveryLoop(tools, messenger, TEMPLATES, owner(), concurrency=given["concurrency"])
        await loop.run(stop)
    await database.close()


def _live(given: dict[str, Any], made: Made, *, seconds: float | None = None) -> None:
    """A worker's life, until it is killed or told to stop."""

    def say(at: str, watch: Watch) -> None:
        _say({"at": at, "steps": watch.steps, "passed": watch.passed})

    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, stop.set)
        watch = Watch(Order(**given["order"]), say)
        watch.install()
        await asyncio.create_task(deliver(given, made, stop))
        say("", watch)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def main() -> None:
    """Fork a worker for each line of JSON; say its process id, its last words and how it ended.

    A line with `warm` is done by this process itself for so many seconds, which makes its children quick.
    """
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    made = Made(load_catalogue())
    for line in sys.stdin:
        given = json.loads(line)
        if seconds := given.get("warm"):
            _live(given, made, seconds=seconds)
            gc.collect()
            gc.freeze()
            continue
        child = os.fork()
        if child == 0:
            try:
                _live(given, made)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        _say({"pid": child})
        _, status = os.waitpid(child, 0)
        _say({"code": os.waitstatus_to_exitcode(status)})


def _say(told: dict[str, Any]) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    main()
