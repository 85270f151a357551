"""What this process measures, and what the database says, as Prometheus reads it.

Every process measures for itself: callbacks and calls to WeChat. What all share is in the database and is looked up
when it is asked for, at most once in `LOOK_SECONDS`; of several processes each gives the same. Labels are names of our
accounts, WeChat's API paths and errcodes: no openid, nothing of a person's.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.operations import Snapshot

#: How long a look at the database serves.
LOOK_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 3.0
#: WeChat waits 5 s; the pipeline hands over after 4.
_CALLBACK_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
_CALL_BUCKETS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)

Look = Callable[[], Awaitable[Snapshot]]


class Meters:
    """The figures of one process. `look` gives those of the database; it may raise, and then they are left out."""

    def __init__(self, look: Look) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._shared = _Shared(look)
        self._callbacks = Histogram(
            "zhengtu_callback_seconds",
            "Time from a callback's arrival to its answer.",
            ("account", "status"),
            buckets=_CALLBACK_BUCKETS,
            registry=self._registry,
        )
        self._call_seconds = Histogram(
            "zhengtu_wechat_call_seconds",
            "Time that WeChat took to answer.",
            ("account", "api"),
            buckets=_CALL_BUCKETS,
            registry=self._registry,
        )
        self._calls = Counter(
            "zhengtu_wechat_calls",
            "Calls to WeChat by what it answered: an errcode, http_<status>, never_left, answer_lost, garbage, no_token.",
            ("account", "api", "errcode"),
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._registry.register(self._shared)

    def callback(self, account: str, status: int, seconds: float) -> None:
        """One callback was answered."""
        self._callbacks.labels(account, str(status)).observe(seconds)

    @contextmanager
    def call(self, account: str, api: str, told: Callable[[Exception], str]) -> Iterator[None]:
        """Measure one call to WeChat; `told` gives the word for what it raises."""
        begun = time.perf_counter()
        errcode = "cancelled"
        try:
            yield
            errcode = "0"
        except Exception as error:
            errcode = told(error)
            raise
        finally:
            self._call_seconds.labels(account, api).observe(time.perf_counter() - begun)
            self._calls.labels(account, api, errcode).inc()

    async def page(self) -> bytes:
        """Prometheus' text format."""
        await self._shared.refresh()
        return generate_latest(self._registry)


class _Shared(Collector):
    """Gauges of what the database says."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._turn = asyncio.Lock()
        self._looked_at = -LOOK_SECONDS
        self._snapshot: Snapshot | None = None

    async def refresh(self) -> None:
        """Look at the database, unless it was done a moment ago."""
        async with self._turn:
            if time.monotonic() - self._looked_at < LOOK_SECONDS:
                return
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    self._snapshot = await self._look()
            except Exception:
                # That is what `zhengtu_database_up 0` says; whoever scrapes gets the process's own figures all the same.
                self._snapshot = None
            self._looked_at = time.monotonic()

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of time: it would look at the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The figures of the last look."""
        found = self._snapshot
        yield GaugeMetricFamily(
            "zhengtu_database_up", "1 when the database answered within 3 s.", int(found is not None)
        )
        if found is None:
            return
        yield from _outbox(found)
        yield from _background(found)
        yield GaugeMetricFamily("zhengtu_database_bytes", "Size of the database.", found.database_bytes)
        if found.files is not None:
            yield GaugeMetricFamily(
                "zhengtu_files_free_bytes", "Free space where the files lie.", found.files.free
            )


def _outbox(found: Snapshot) -> Iterator[Metric]:
    messages = GaugeMetricFamily(
        "zhengtu_outbox_messages",
        "Messages in the outbox: due, later, sending, unknown (sent or not, nobody knows), dead.",
        labels=("account", "state"),
    )
    oldest = GaugeMetricFamily(
        "zhengtu_outbox_oldest_seconds", "Age of the oldest message that is due.", labels=("account",)
    )
    for count in found.outbox:
        messages.add_metric((count.account, count.state), count.messages)
        if count.state == "due" and count.oldest is not None:
            oldest.add_metric((count.account,), (found.at - count.oldest).total_seconds())
    yield messages
    yield oldest
    sent = GaugeMetricFamily(
        "zhengtu_sent_last_hour", "Messages that left in the last hour.", labels=("account", "api")
    )
    left = GaugeMetricFamily(
        "zhengtu_quota_left",
        "What is left of the day's calls that every account has.",
        labels=("account", "api"),
    )
    for one in found.sent:
        sent.add_metric((one.account, one.api), one.last_hour)
        left.add_metric((one.account, one.api), found.quota_left(one.account, one.api))
    yield sent
    yield left
    lag = GaugeMetricFamily(
        "zhengtu_receipt_lag_seconds",
        "From a send to its receipt, mean of the last hour.",
        labels=("account",),
    )
    awaited = GaugeMetricFamily(
        "zhengtu_receipts_awaited", "Messages without a receipt after five minutes.", labels=("account",)
    )
    for receipt in found.receipts:
        lag.add_metric((receipt.account,), receipt.seconds)
        awaited.add_metric((receipt.account,), receipt.awaited)
    yield lag
    yield awaited


def _background(found: Snapshot) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("zhengtu_jobs", "Jobs: due, later, doing, failed.", labels=("state",))
    for state in ("due", "later", "doing", "failed"):
        jobs.add_metric((state,), getattr(found.jobs, state))
    yield jobs
    yield GaugeMetricFamily("zhengtu_workers", "Workers with a sign of life.", found.jobs.workers)
    leader = GaugeMetricFamily(
        "zhengtu_scheduler_leader", "1 for the process that runs the ticks.", labels=("process",)
    )
    if found.leader is not None:
        leader.add_metric((found.leader.process,), 1)
    yield leader
    ticks = GaugeMetricFamily(
        "zhengtu_tick_timestamp_seconds", "When a tick was last run, Unix time.", labels=("tick",)
    )
    for run in found.ticks:
        ticks.add_metric((run.tick,), run.started_at.timestamp())
    yield ticks
