"""Callbacks that are answered: bare aiohttp, our echo, an enrolment's answer, receipts, and the peers' echo."""

import itertools
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import UUID

import asyncpg
from sqlalchemy import select

from bot.app import program
from services.unit_of_work import Tools
from storage.tables import Enrolment
from storage.tables import Follower as FollowerRow
from tests.bench import peers
from tests.bench.callbacks import Platform
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, of_rounds
from tests.bench.processes import child, cpu_seconds, gunicorn
from tests.bench.rows import copies
from tests.bench.settings import bench_settings
from tests.bench.sizes import Sizes
from tests.bench.wire import Asked, Load, closed_loop
from tests.chat import Follower
from tests.installation import ACCOUNTS
from tests.journeys.story import identity_number

#: One enrolment's answers in the order of its questions, from the name to how the hours are learnt (A10).
ANSWERS = ("王小明", identity_number(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1")
_PEERS = {
    "peer_werobot": "werobot_echo",
    "peer_flask": "flask_echo",
    "peer_flask_durable": "flask_durable",
}


@dataclass(kw_only=True)
class Contender:
    """One server in a round; as an iterator it gives the next request."""

    port: int
    #: The process that answers; its workers count with it.
    process: int
    requests: Iterator[Asked]
    #: Reads a reply. Raises BenchError when it is not what was asked for.
    read: Callable[[Asked, bytes], None]
    #: Seconds of CPU that an answer cost, in each run.
    cpu: list[float] = field(default_factory=list)
    _sealed: deque[Asked] = field(default_factory=deque)
    _fastest: float = 0.0

    def __iter__(self) -> Iterator[Asked]:
        return self

    def __next__(self) -> Asked:
        return self._sealed.popleft() if self._sealed else next(self.requests)

    async def run(self, seconds: float, connections: int) -> Load:
        """Let it answer for so long, and read what it says."""
        # Sealed before, for otherwise it would be the load that is measured.
        wanted = int(1.2 * self._fastest * seconds) - len(self._sealed)
        self._sealed.extend(itertools.islice(self.requests, max(0, wanted)))
        before = cpu_seconds(self.process)
        load = await closed_loop(self.port, self, connections=connections, seconds=seconds)
        self.cpu.append((cpu_seconds(self.process) - before) / max(load.total, 1))
        if not load.samples:
            raise BenchError("nothing was answered")
        for asked, body in load.samples:
            self.read(asked, body)
        self._fastest = max(self._fastest, load.per_second)
        return load


async def measure(database_url: str, folder: Path, sizes: Sizes) -> dict[str, Figure]:
    """All of them, each once a round. Raises BenchError when rows or replies are not what they have to be."""
    await seed(database_url, folder, sizes)
    async with _contenders(database_url, folder, sizes) as contenders:
        totals = dict.fromkeys(contenders, 0)
        rates: dict[str, list[float]] = {name: [] for name in contenders}
        for name, contender in contenders.items():
            totals[name] += (await contender.run(sizes.warm_up, sizes.connections)).total
        for _ in range(sizes.rounds):
            for name, contender in contenders.items():
                load = await contender.run(sizes.seconds, sizes.connections)
                totals[name] += load.total
                rates[name].append(load.per_second)
    await _check_rows(database_url, folder, totals)
    return {
        name: of_rounds(values, rates["bare"], cpu_us=1e6 * median(contenders[name].cpu[1:]))
        for name, values in rates.items()
    }


async def seed(database_url: str, folder: Path, sizes: Sizes) -> None:
    """Followers, each with a draft whose first question is open: one did it in the chat, the others are copies."""
    settings = bench_settings(database_url, folder)
    async with program(settings, database_url) as running:
        follower_id, enrolment_id = await _one_who_enrols(running.tools)
    connection = await asyncpg.connect(database_url)
    try:
        await copies(
            connection,
            "followers",
            follower_id,
            sizes.followers,
            id="md5('follower' || n)::uuid",
            openid="'oBench' || n",
            chat_memory="jsonb_set(chat_memory, '{enrolment}', to_jsonb(md5('enrolment' || n)::uuid::text))",
        )
        await copies(
            connection,
            "enrolments",
            enrolment_id,
            sizes.followers,
            id="md5('enrolment' || n)::uuid",
            follower_id="md5('follower' || n)::uuid",
            number="nextval('enrolment_numbers')",
        )
        await copies(
            connection,
            "followers",
            follower_id,
            sizes.followers,
            id="md5('idle' || n)::uuid",
            openid="'oIdle' || n",
            chat_state="''",
            chat_memory="'{}'",
        )
    finally:
        await connection.close()


async def _one_who_enrols(tools: Tools) -> tuple[UUID, UUID]:
    person = Follower(tools, "oOriginal")
    for said in ("报名", "1", "1", "同意"):
        question = await person.say(said)
    if "【姓名】" not in question:
        raise BenchError(f"not the first question: {question!r}")
    async with tools.unit_of_work() as work:
        follower_id = (await work.session.scalars(select(FollowerRow.id))).one()
        enrolment_id = (await work.session.scalars(select(Enrolment.id))).one()
    return follower_id, enrolment_id


@asynccontextmanager
async def _contenders(
    database_url: str, folder: Path, sizes: Sizes
) -> AsyncIterator[Mapping[str, Contender]]:
    account = ACCOUNTS["main"]
    platform = Platform(account)
    texts = _texts(platform, sizes.followers)
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(child("tests.bench.bare"))
        served = await stack.enter_async_context(
            child("tests.bench.served", database_url=database_url, folder=str(folder))
        )
        again = itertools.cycle(list(itertools.islice(texts, 256)))
        found = {
            "bare": Contender(port=bare["bare"], process=bare["process"], requests=again, read=_success),
            "callback_echo": Contender(
                port=served["echo"], process=served["process"], requests=texts, read=platform.replied
            ),
            "enrolment_answer": Contender(
                port=served["chat"],
                process=served["process"],
                requests=_answers(platform, sizes),
                read=platform.replied,
            ),
        }
        for name, application in _PEERS.items():
            port, process = await stack.enter_async_context(
                gunicorn(
                    f"tests.bench.peers:{application}()",
                    folder,
                    **{peers.ACCOUNT: account.model_dump_json(), peers.DATABASE: str(_peer_file(folder))},
                )
            )
            found[name] = Contender(port=port, process=process, requests=texts, read=platform.replied)
        yield found


def _texts(platform: Platform, followers: int) -> Iterator[Asked]:
    """One follower after the other writes something, each time something else."""
    for n in itertools.count():
        said = f"第{n}句：请问什么时候开班？"
        yield platform.text(f"oIdle{n % followers + 1}", said, expects=said)


def _answers(platform: Platform, sizes: Sizes) -> Iterator[Asked]:
    """Enrolments go on side by side, so that nobody answers twice at the same moment; each reply says what was noted."""
    side_by_side = 4 * sizes.connections
    for first in range(1, sizes.followers + 1, side_by_side):
        for answer in ANSWERS:
            for n in range(first, min(first + side_by_side, sizes.followers + 1)):
                yield platform.text(f"oBench{n}", answer, expects="✓")
    raise BenchError("not enough followers: all enrolments are answered")


def _success(_: Asked, body: bytes) -> None:
    if body != b"success":
        raise BenchError(f"not `success`: {body!r}")


def _peer_file(folder: Path) -> Path:
    return folder / "peer.sqlite"


async def _check_rows(database_url: str, folder: Path, totals: Mapping[str, int]) -> None:
    """Every answer that was counted has its durable row."""
    connection = await asyncpg.connect(database_url)
    try:
        callbacks = await connection.fetchval(
            "SELECT count(*) FROM inbound_messages WHERE dedupe_key LIKE 'msg:%' AND reply_cipher IS NOT NULL"
        )
        answers = await connection.fetchval(
            "SELECT count(*) FROM enrolments, jsonb_object_keys(answers) WHERE follower_id IN"
            " (SELECT id FROM followers WHERE openid LIKE 'oBench%')"
        )
    finally:
        await connection.close()
    file = sqlite3.connect(_peer_file(folder))
    kept = file.execute("SELECT count(*) FROM inbound").fetchone()[0]
    file.close()
    for what, found, counted in (
        ("inbound messages", callbacks, totals["callback_echo"] + totals["enrolment_answer"]),
        ("answers of enrolments", answers, totals["enrolment_answer"]),
        ("rows of the peer's", kept, totals["peer_flask_durable"]),
    ):
        if found != counted:
            raise BenchError(f"{found} {what}, but {counted} were answered")
