"""A follower who speaks to the real pipeline, and what the database is asked meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import event

from services.unit_of_work import Tools
from tests.chat import Follower


@pytest.fixture
def follower(tools: Tools) -> Follower:
    return Follower(tools)


@dataclass
class Meter:
    """What the database was asked, and how often it was told to keep something."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def clear(self) -> None:
        self.statements.clear()
        self.commits = 0


@pytest.fixture
def meter(tools: Tools) -> Iterator[Meter]:
    meter = Meter()
    engine = tools.database.engine.sync_engine

    def asked(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        meter.statements.append(statement)

    def committed(_connection: object) -> None:
        meter.commits += 1

    event.listen(engine, "before_cursor_execute", asked)
    event.listen(engine, "commit", committed)
    yield meter
    event.remove(engine, "before_cursor_execute", asked)
    event.remove(engine, "commit", committed)
