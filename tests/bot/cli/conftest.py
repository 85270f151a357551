"""The command line as its users have it: settings from the environment, real PostgreSQL, what stands on the screen."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import structlog

from bot.cli.application import run
from services.schemes.loader import load_catalogue
from services.unit_of_work import Tools, Work
from storage.crypto import Keyring
from storage.database import Database
from storage.files import open_files
from tests.conftest import SECRET

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Screen:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@dataclass
class Terminal:
    """Runs commands in this process."""

    capture: pytest.CaptureFixture[str]
    database_url: str
    data_dir: Path

    def __call__(self, *arguments: str) -> Screen:
        self.capture.readouterr()
        code = run(arguments)
        told = self.capture.readouterr()
        return Screen(code, told.out, told.err)

    def put(self, story: Callable[[Work], Awaitable[_Result]]) -> _Result:
        """Put what a story needs into the database, before the command runs."""

        async def tell() -> _Result:
            keyring = Keyring([SECRET])
            tools = Tools(
                database=Database(self.database_url),
                keyring=keyring,
                files=open_files(str(self.data_dir / "files"), keyring),
                schemes=load_catalogue(),
                public_url="http://127.0.0.1:8080",
            )
            try:
                async with tools.unit_of_work() as work:
                    return await story(work)
            finally:
                await tools.database.close()

        return asyncio.run(tell())


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A place where nothing is set; gives its data folder."""
    for name in os.environ:
        if name.startswith("ZHENGTU_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    # A command sets the logs up once for its process; here many share one, each with a stderr of its own.
    monkeypatch.setattr("bot.logs.configure", _log_to_the_stderr_of_the_moment)
    yield tmp_path / "var"
    structlog.reset_defaults()


@pytest.fixture
def zhengtu(
    no_settings: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """A terminal on a database of this test's own."""
    monkeypatch.setenv("ZHENGTU_DATABASE_URL", database_url)
    monkeypatch.setenv("ZHENGTU_SECRET_KEYS", SECRET)
    monkeypatch.setenv("ZHENGTU_DATA_DIR", str(no_settings))
    monkeypatch.setenv("ZHENGTU_LOG_LEVEL", "warning")
    return Terminal(capsys, database_url, no_settings)


@pytest.fixture
def office(zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The same with one of the staff, who acts when nobody else is named."""
    monkeypatch.setattr("sys.stdin", Typed("a-long-password-77\n"))
    added = zhengtu("staff", "add", "xie", "--name", "谢老师", "--role", "officer", "--password-stdin")
    assert added.code == 0, added.err
    return zhengtu


def _log_to_the_stderr_of_the_moment(level: str) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


class Typed:
    """A stdin with one line in it."""

    def __init__(self, line: str) -> None:
        self._line = line

    def readline(self) -> str:
        return self._line

    def isatty(self) -> bool:
        return False
