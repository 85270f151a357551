"""Callbacks that are answered: bare aiohttp, our echo, an enrolment's answer, receipts, and the peers' echo."""

import itertools
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import peers
from tests.bench.callbacks import Platform
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, of_rounds
from tests.bench.processes import child, cpu_seconds, gunicorn
from tests.bench.rows import fetch, seeding
from tests.bench.sizes import Sizes
from tests.bench.wire import Asked, Load, closed_loop, open_loop
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
    connections: int
    #: Seconds of CPU that an answer cost, in each run.
    cpu: list[float] = field(default_factory=list)
    _sealed: deque[Asked] = field(default_factory=deque)
    _fastest: float = 0.0

    def __iter__(self) -> Iterator[Asked]:
        return self

    def __next__(self) -> Asked:
        return self._sealed.popleft() if self._sealed else next(self.requests)

    async def run(self, seconds: float) -> Load:
        """Let it answer for so long, and read what it says."""
        # Sealed before, for otherwise it would be the load that is measured.
        wanted = int(1.2 * self._fastest * seconds) - len(self._sealed)
        self._sealed.extend(itertools.islice(self.requests, max(0, wanted)))
        before = cpu_seconds(self.process)
        load = await closed_loop(self.port, self, connections=self.connections, seconds=seconds)
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
            totals[name] += (await contender.run(sizes.warm_up)).total
        for _ in range(sizes.rounds):
            for name, contender in contenders.items():
                load = await contender.run(sizes.seconds)
                totals[name] += load.total
                rates[name].append(load.per_second)
        late = await _by_the_clock(contenders["receipts"], sizes)
        totals["receipts"] += late.total
    await _check_rows(database_url, folder, totals)
    found = {
        name: of_rounds(values, rates["bare"], cpu_us=1e6 * median(contenders[name].cpu[1:]))
        for name, values in rates.items()
    }
    found["receipts_p99_ms"] = Figure(
        value=1000 * late.quantile(0.99),
        unit="ms",
        facts={"p50_ms": 1000 * late.quantile(0.5), "per_second": late.total / late.seconds},
    )
    return found


async def _by_the_clock(receipts: Contender, sizes: Sizes) -> Load:
    """Receipts come at a rate, whatever becomes of them."""
    wanted = int(sizes.receipt_rate * sizes.receipt_seconds)
    return await open_loop(
        receipts.port,
        list(itertools.islice(receipts, wanted)),
        connections=receipts.connections,
        per_second=sizes.receipt_rate,
    )


async def seed(database_url: str, folder: Path, sizes: Sizes) -> None:
    """Followers who write, others with a draft whose first question is open, and messages that await receipts."""
    async with seeding(database_url, folder) as rows:
        await rows.followers("oIdle", sizes.followers)
        await rows.drafts("oBench", sizes.followers)
        await rows.accepted("oIdle", sizes.receipts, sizes.followers)


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
        chat, few = served["chat"], sizes.connections

        def contender(port: int, process: int, requests: Iterator[Asked], **how: Any) -> Contender:
            told = {"read": platform.replied, "connections": few, **how}
            return Contender(port=port, process=process, requests=requests, **told)

        found = {
            "bare": contender(bare["bare"], bare["process"], again, read=_success),
            "callback_echo": contender(served["echo"], served["process"], texts),
            "enrolment_answer": contender(chat, served["process"], _answers(platform, sizes)),
            "receipts": contender(
                chat,
                served["process"],
                _receipts(platform, sizes),
                read=_success,
                connections=sizes.receipt_connections,
            ),
        }
        environment = {peers.ACCOUNT: account.model_dump_json(), peers.DATABASE: str(_peer_file(folder))}
        for name, application in _PEERS.items():
            port, process = await stack.enter_async_context(
                gunicorn(f"tests.bench.peers:{application}()", folder, **environment)
            )
            found[name] = contender(port, process, texts)
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


def _receipts(platform: Platform, sizes: Sizes) -> Iterator[Asked]:
    """Each message that was accepted arrived."""
    for n in range(1, sizes.receipts + 1):
        yield platform.receipt(f"oIdle{(n - 1) % sizes.followers + 1}", str(n))
    raise BenchError("not enough messages: all have their receipts")


def _success(_: Asked, body: bytes) -> None:
    if body != b"success":
        raise BenchError(f"not `success`: {body!r}")


def _peer_file(folder: Path) -> Path:
    return folder / "peer.sqlite"


async def _check_rows(database_url: str, folder: Path, totals: Mapping[str, int]) -> None:
    """Every answer that was counted has its durable row."""
    callbacks = await fetch(
        database_url,
        "SELECT count(*) FROM inbound_messages WHERE dedupe_key LIKE 'msg:%' AND reply_cipher IS NOT NULL",
    )
    answers = await fetch(
        database_url,
        "SELECT count(*) FROM enrolments, jsonb_object_keys(answers) WHERE follower_id IN"
        " (SELECT id FROM followers WHERE openid LIKE 'oBench%')",
    )
    delivered = await fetch(database_url, "SELECT count(*) FROM outbox WHERE state = 'delivered'")
    file = sqlite3.connect(_peer_file(folder))
    kept = file.execute("SELECT count(*) FROM inbound").fetchone()[0]
    file.close()
    for what, found, counted in (
        ("inbound messages", callbacks, totals["callback_echo"] + totals["enrolment_answer"]),
        ("answers of enrolments", answers, totals["enrolment_answer"]),
        ("messages delivered", delivered, totals["receipts"]),
        ("rows of the peer's", kept, totals["peer_flask_durable"]),
    ):
        if found != counted:
            raise BenchError(f"{found} {what}, but {counted} were answered")
