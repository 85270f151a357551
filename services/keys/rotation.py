"""Bringing everything that is encrypted under the first of the secret keys, so that the old ones can be dropped.

Each batch of rows is one unit of work, and a row that is under the first key is left alone: a run can be broken off and
repeated at any time, beside running servers, as long as all of them have both keys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from services import audit
from services.keys.place import Age, NotRenewableError, Place
from services.keys.places import PLACES
from services.models import Actor
from services.unit_of_work import Tools, Work
from storage.crypto import DecryptionError
from storage.repositories.key_rotation import KeyRotationRepository

log = structlog.get_logger(__name__)

#: Told after each batch: the place's name, how many rows it has, and how many of them are done.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class PlaceCount:
    """The encrypted values of one place, as they are once it was gone through."""

    place: str
    #: Under the first key.
    current: int = 0
    #: Under a later key of the ring: that key is still needed.
    older: int = 0
    #: Under a key that is not on the ring, damaged, or with its scheme's file gone: cannot be read.
    unreadable: int = 0
    #: Brought under the first key, or forgotten, in this run.
    renewed: int = 0

    @property
    def left(self) -> int:
        """How many need another key than the first."""
        return self.older + self.unreadable

    def __add__(self, other: "PlaceCount") -> "PlaceCount":
        """Both together, under this one's name."""
        return PlaceCount(
            place=self.place,
            current=self.current + other.current,
            older=self.older + other.older,
            unreadable=self.unreadable + other.unreadable,
            renewed=self.renewed + other.renewed,
        )


def _silent(place: str, rows: int, done: int) -> None:
    """For who wants to hear nothing."""


async def check(tools: Tools, progress: Progress = _silent) -> tuple[PlaceCount, ...]:
    """Count, place by place; changes nothing."""
    counts: dict[str, PlaceCount] = {}
    for place in PLACES:
        await _go_through(tools, place, counts, progress, renew=False)
    return tuple(counts.values())


async def rotate(tools: Tools, actor: Actor, progress: Progress = _silent) -> tuple[PlaceCount, ...]:
    """Encrypt under the first key what is under another; one audit entry a run, also when it is broken off.

    What could not be renewed is counted as `older` or `unreadable` and logged by its row: no old key may be dropped
    before a `check` finds nothing left.

    Raises:
        storage.files.FileStoreError: the file store does not answer; what is done is done.
    """
    counts: dict[str, PlaceCount] = {}
    complete = False
    try:
        for place in PLACES:
            await _go_through(tools, place, counts, progress, renew=True)
        complete = True
    finally:
        async with tools.unit_of_work() as work:
            after = {
                "renewed": {count.place: count.renewed for count in counts.values() if count.renewed},
                "left": {count.place: count.left for count in counts.values() if count.left},
                "complete": complete,
            }
            audit.record(work, actor, "keys.rotated", "installation", "secret_keys", after=after)
    return tuple(counts.values())


async def _go_through(
    tools: Tools, place: Place[Any], counts: dict[str, PlaceCount], progress: Progress, *, renew: bool
) -> None:
    async with tools.unit_of_work() as work:
        total = await KeyRotationRepository(work.session).count(place.table)
    done, last = 0, None
    counts[place.name] = PlaceCount(place=place.name)
    progress(place.name, total, done)
    while True:
        async with tools.unit_of_work() as work:
            rows = await KeyRotationRepository(work.session).page(
                place.table, after=last, limit=place.batch, for_update=renew
            )
            batch = PlaceCount(place=place.name)
            with work.session.no_autoflush:
                for key, row in rows:
                    batch += await _take(work, place, key, row, renew=renew)
        # Counted once it is committed.
        counts[place.name] += batch
        if not rows:
            return
        done, last = done + len(rows), rows[-1][0]
        progress(place.name, max(total, done), done)


async def _take(work: Work, place: Place[Any], key: object, row: Any, *, renew: bool) -> PlaceCount:
    """One row, after its renewal if it needs one and can have it."""
    renewed, ages = 0, list[Age]()
    try:
        ages = await place.ages(work, row)
        if renew and any(age != 0 for age in ages):
            await place.renew(work, row)
            renewed = sum(age != 0 for age in ages)
            # What was forgotten is counted no more.
            ages = [0] * len(await place.ages(work, row))
    except NotRenewableError as error:
        log.warning("keys.not_renewed", place=place.name, row=str(key), reason=error.reason)
    except DecryptionError as error:
        log.warning("keys.not_renewed", place=place.name, row=str(key), reason=error.reason)
        ages = [0 if age == 0 else None for age in ages]
    except KeyError:
        # `Work.scheme`: a scheme's file is gone, so that nobody knows which answers are sensitive.
        log.warning("keys.not_renewed", place=place.name, row=str(key), reason="scheme_gone")
        ages = [None]
    return PlaceCount(
        place=place.name,
        current=sum(age == 0 for age in ages),
        older=sum(age is not None and age > 0 for age in ages),
        unreadable=sum(age is None for age in ages),
        renewed=renewed,
    )
