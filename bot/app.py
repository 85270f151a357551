"""The composition root: settings → database → services → handlers → aiohttp application. The only place that wires."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType

import structlog
from aiohttp import web

from bot.meters import Meters
from bot.observing import observe
from bot.pipeline import ChatPipeline
from bot.settings import Settings, WeChatSettings
from bot.wechat.account import WeChatAccount
from bot.wechat.client import AccountClient
from bot.wechat.measured import MeasuredClient
from bot.wechat.messenger import WeChatMessenger
from bot.wechat.scenes import WeChatSceneCodes
from bot.wechat.tokens import TokenStore
from bot.wechat.transport import Transport
from bot.wechat.webhook import Webhook
from handlers import console, public
from services.delivery.claims import subscription_key
from services.models import Actor
from services.operations import OperationsService, Snapshot
from services.ports import Clock
from services.scheme_versions import publish
from services.schemes.loader import load_catalogue
from services.unit_of_work import SystemClock, Tools
from storage.crypto import Keyring
from storage.database import Database
from storage.files import open_files

log = structlog.get_logger(__name__)

#: Simultaneous connections that may wait to be taken; asyncio's 128 makes bursts wait for seconds.
BACKLOG = 4096


@dataclass(frozen=True, kw_only=True)
class Program:
    """Everything that lives as long as the process."""

    settings: Settings
    tools: Tools
    messenger: WeChatMessenger
    clients: Mapping[str, AccountClient]
    accounts: Mapping[str, WeChatAccount]
    meters: Meters

    @property
    def templates(self) -> Mapping[str, Mapping[str, str]]:
        """Account → our template key → WeChat's template id; a subscription notice's under its `subscription_key`."""
        return {
            name: {
                **account.templates,
                **{subscription_key(key): known for key, known in account.subscriptions.items()},
            }
            for name, account in self.settings.wechat.items()
        }


def wechat_account(name: str, settings: WeChatSettings) -> WeChatAccount:
    """An account as it is set. Raises ValueError: its key or token cannot be used."""
    return WeChatAccount(
        name=name,
        app_id=settings.app_id,
        app_secret=settings.app_secret,
        token=settings.token,
        aes_keys=settings.aes_keys,
        original_id=settings.original_id,
        mode=settings.mode,
        api_url=settings.api_url,
    )


@asynccontextmanager
async def program(
    settings: Settings, database_url: str, *, clock: Clock | None = None
) -> AsyncIterator[Program]:
    """Build everything, hand it out, and close it in reverse order.

    `clock` is what the organisations' work goes by, the system's by default; a rehearsal lets days pass with it. What
    WeChat signs and how long its tokens live is always measured by the system's clock.

    Raises:
        storage.crypto.WeakSecretKeysError: keys are missing or weak.
        services.schemes.loader.SchemeFileError: a scheme file is wrong.
        services.scheme_versions.ChangedSchemeError: a published version was changed (B12).
    """
    keyring = Keyring(settings.secret_keys)
    extra = (settings.schemes_dir,) if settings.schemes_dir else ()
    tools = Tools(
        database=Database(database_url),
        keyring=keyring,
        files=open_files(settings.files_location, keyring),
        schemes=load_catalogue(*extra),
        public_url=settings.public_url,
        accounts=tuple(settings.wechat),
        quiet_hours=settings.quiet_hours,
        clock=clock or SystemClock(),
    )
    accounts = {name: wechat_account(name, account) for name, account in settings.wechat.items()}
    try:
        async with tools.unit_of_work() as work:
            await publish(work)
        async with Transport() as transport:
            tokens = TokenStore(accounts, tools.database.sessions, keyring, transport, SystemClock())
            meters = Meters(lambda: _snapshot(tools))
            clients: dict[str, AccountClient] = {
                name: MeasuredClient(account, transport, tokens, meters) for name, account in accounts.items()
            }
            yield Program(
                settings=settings,
                tools=tools,
                messenger=WeChatMessenger(clients),
                clients=MappingProxyType(clients),
                accounts=MappingProxyType(accounts),
                meters=meters,
            )
    finally:
        await tools.database.close()


async def _snapshot(tools: Tools) -> Snapshot:
    async with tools.unit_of_work() as work:
        return await OperationsService(work).snapshot(Actor.system("metrics"))


def web_application(running: Program, pipeline: ChatPipeline) -> web.Application:
    """The aiohttp application: callbacks, which `pipeline` answers, console, public pages."""
    app = web.Application()
    Webhook(running.accounts, pipeline, SystemClock()).add_routes(app)
    console.mount(
        app,
        running.tools,
        secure_cookies=running.settings.public_url.startswith("https://"),
        scene_codes=WeChatSceneCodes(running.clients),
    )
    public.mount(
        app,
        running.tools,
        trust_proxy=running.settings.trust_proxy,
        framed_by=running.settings.framed_by,
    )

    observe(app, running.meters, running.settings)

    async def drain(_: web.Application) -> None:
        await pipeline.close()

    app.on_shutdown.append(drain)
    return app


@asynccontextmanager
async def serving(running: Program) -> AsyncIterator[str]:
    """Serve on the configured host and port; gives the address that it listens at. Port 0 lets the system choose."""
    app = web_application(running, ChatPipeline(running.tools))
    async with listening(app, running.settings.host, running.settings.port) as address:
        yield address


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Let `app` be reached there; gives its address. Port 0 lets the system choose."""
    runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=30)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
        host, port = runner.addresses[0][:2]
        log.info("serving", host=host, port=port)
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
