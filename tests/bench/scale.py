"""Few followers and many: what leaves, the audience of a broadcast to all, and what a message costs beside them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import perf_counter

from sqlalchemy import select

from bot.app import program
from services.broadcasts import Audience, BroadcastKind, BroadcastService, Content, Draft
from services.models import Actor, StaffRole
from storage.tables import Broadcast, Enrolment
from tests.bench.errors import BenchError
from tests.bench.figures import Figure
from tests.bench.rows import fetch, seeding
from tests.bench.sending import beside_bare, deliver
from tests.bench.settings import bench_settings
from tests.bench.sizes import Sizes


async def measure(
    fresh: Callable[[], AbstractAsyncContextManager[str]], folder: Path, sizes: Sizes
) -> dict[str, Figure]:
    """Messages to a few followers, then everything among all of them.

    A message's cost is CPU seconds of worker and database, which other processes change less than the time.
    """
    async with fresh() as database_url:
        async with seeding(database_url, folder) as rows:
            await rows.followers("oFew", sizes.few)
            await rows.queued("oFew", 2 * sizes.sends, sizes.few)
        few, bare = await beside_bare(database_url, folder, sizes.sends, sizes)
    async with fresh() as database_url:
        async with seeding(database_url, folder) as rows:
            await rows.followers("oAll", sizes.audience)
            await rows.enrolments("oAll", sizes.audience)
            await rows.queued("oAll", sizes.audience, sizes.audience)
        frozen = await _freeze(database_url, folder, sizes)
        many = await deliver(database_url, folder, sizes.sends)
    return {
        "durable_sends": Figure(
            value=few.per_second,
            unit="req/s",
            ratio=few.per_second / bare,
            facts={
                "cpu_us": 1e6 * few.worker,
                "database_cpu_us": 1e6 * few.database,
                "messages": sizes.sends,
            },
        ),
        "audience_freeze_s": frozen,
        "cost_1m_over_1k": Figure(
            value=many.cost / few.cost if few.cost else 1.0,
            unit="ratio",
            facts={
                "few": sizes.few,
                "many": sizes.audience,
                "few_us": 1e6 * few.cost,
                "many_us": 1e6 * many.cost,
                "few_per_second": few.per_second,
                "many_per_second": many.per_second,
            },
        ),
    }


async def _freeze(database_url: str, folder: Path, sizes: Sizes) -> Figure:
    """Staff submit a broadcast to everybody, and its audience is frozen and hashed."""
    async with program(bench_settings(database_url, folder), database_url) as running:
        async with running.tools.unit_of_work() as work:
            organisation_id = await work.session.scalar(select(Enrolment.organisation_id).limit(1))
            assert organisation_id is not None
            officer = Actor(
                kind="staff",
                id="bench",
                name="谢老师",
                organisation_id=organisation_id,
                role=StaffRole.OFFICER,
            )
            broadcast_id = await BroadcastService(work).create(officer, _everybody())
        began = perf_counter()
        async with running.tools.unit_of_work() as work:
            await BroadcastService(work).submit(officer, broadcast_id)
        submitted = perf_counter()
        async with running.tools.unit_of_work() as work:
            # As the job does it; nothing when few were frozen at once.
            await BroadcastService(work).freeze(broadcast_id)
        seconds = perf_counter() - began
        async with running.tools.unit_of_work() as work:
            await _check(await work.session.get_one(Broadcast, broadcast_id), database_url, sizes)
    # The one who was copied is among them.
    facts = {"people": sizes.audience + 1, "submit_s": submitted - began}
    return Figure(value=seconds, unit="s", facts=facts)


def _everybody() -> Draft:
    return Draft(
        account="main",
        kind=BroadcastKind.MASS,
        title="开班通知",
        content=Content(text="质量安全员培训班下周一开班，请按时参加。"),
        audience=Audience(),
    )


async def _check(row: Broadcast, database_url: str, sizes: Sizes) -> None:
    kept = await fetch(
        database_url, "SELECT count(*) FROM broadcast_recipients WHERE broadcast_id = $1", row.id
    )
    if not (kept == row.recipients == sizes.audience + 1 and row.fingerprint):
        raise BenchError(
            f"{kept} recipients were frozen, {row.recipients} counted, {sizes.audience + 1} there are"
        )
