"""What every demo needs around it: free ports, a database, the simulated platform, settings that fit together."""

import fcntl
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.cli.environment import database
from bot.cli.problems import CommandError
from bot.demo.platform import platform_for
from bot.demo.secrets import DemoSecrets, keep_environment
from bot.settings import Settings
from simulator import start
from storage import migrations

#: How many ports after the usual one are tried.
_NEXT_PORTS = 50


@dataclass(frozen=True, kw_only=True)
class House:
    """A demo whose database and platform run; its server does not yet."""

    folder: Path
    settings: Settings
    secrets: DemoSecrets
    #: What the server is started with, besides the database's address.
    environment: Mapping[str, str]
    database_url: str
    platform_url: str
    server_url: str


@asynccontextmanager
async def house(
    folder: Path, *, port: int | None, platform_port: int | None, usual: tuple[int, int] = (0, 0)
) -> AsyncIterator[House]:
    """Database and platform for the data in `folder`; ports that are None are free ones from the `usual` on.

    Raises:
        CommandError: a port is taken, or another demo works in the folder.
    """
    with alone_in(folder):
        server_port = free_port(port, usual[0], "--port")
        simulator_port = free_port(platform_port, usual[1], "--simulator-port", besides=server_port)
        secrets = DemoSecrets.load_or_make(folder)
        server_url = f"http://127.0.0.1:{server_port}"
        platform_url = f"http://127.0.0.1:{simulator_port}"
        environment = secrets.environment(folder, server_url=server_url, platform_url=platform_url)
        environment |= _own_schemes()
        keep_environment(folder, environment)
        settings = settings_from(environment)
        with database(settings) as url:
            await migrations.migrate(url)
            platform = await start(
                platform_for(settings, server_url, folder / "simulator"),
                host="127.0.0.1",
                port=simulator_port,
            )
            try:
                yield House(
                    folder=folder,
                    settings=settings,
                    secrets=secrets,
                    environment=environment,
                    database_url=url,
                    platform_url=platform.url,
                    server_url=server_url,
                )
            finally:
                await platform.stop()


def _own_schemes() -> dict[str, str]:
    """Whoever writes a scheme tries it on the demo's phone."""
    folder = os.environ.get("ZHENGTU_SCHEMES_DIR")
    return {"ZHENGTU_SCHEMES_DIR": str(Path(folder).resolve())} if folder else {}


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings that a process with these variables, and no other of ours, would have."""
    before = {name: value for name, value in os.environ.items() if name.startswith("ZHENGTU_")}
    kept = {
        name: value for name, value in before.items() if name in ("ZHENGTU_DATABASE_URL", "ZHENGTU_LOG_LEVEL")
    }
    try:
        for name in before:
            del os.environ[name]
        os.environ.update({**environment, **kept})
        return Settings.load()
    finally:
        for name in environment:
            os.environ.pop(name, None)
        os.environ.update(before)


def free_port(wanted: int | None, usual: int, option: str, *, besides: int = -1) -> int:
    """`wanted`, if it is free; without a wish the first free one from `usual` on, any for 0. Raises CommandError."""
    if wanted is not None:
        if not _is_free(wanted):
            raise CommandError(f"端口 {wanted} 已被占用，请用 {option} 换一个")
        return wanted or _any_port()
    if usual == 0:
        return _any_port()
    for port in range(usual, usual + _NEXT_PORTS):
        if port != besides and _is_free(port):
            return port
    raise CommandError(f"端口 {usual} 到 {usual + _NEXT_PORTS - 1} 都被占用，请用 {option} 指定一个")


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else works in this folder meanwhile. Raises CommandError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"{folder} 里的演示已经在运行") from None
        yield


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
