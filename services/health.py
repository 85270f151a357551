"""Whether this process can do its work now: for load balancers and for `doctor`."""

import asyncio
from dataclasses import dataclass
from functools import cache

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.unit_of_work import Tools
from storage import migrations

_PATIENCE_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """`problems` are codes: `database_unreachable`, `migrations_pending`; none when ready."""

    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Requests may come."""
        return not self.problems


async def ready(tools: Tools) -> Readiness:
    """Whether the database answers within three seconds and is at the revision that this code knows."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), tools.unit_of_work() as work:
            revision = await work.session.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return Readiness(problems=("database_unreachable",))
    if revision != await asyncio.to_thread(_newest):
        return Readiness(problems=("migrations_pending",))
    return Readiness(problems=())


@cache
def _newest() -> str:
    return migrations.head()
