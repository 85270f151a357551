"""陈述 by somebody who never enrolled from this WeChat account: they name themselves by name and identity number (C7).

That is what a refusal at the identity number goes by, too. It opens no more than that refusal says, neither the allegation nor
what was said before, and what they write is marked for staff as written from an unknown account: whoever knows a name and a
number has not shown to be its bearer.
"""

import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from services import audit
from services.blacklist.bars import DIGEST_CONTEXT
from services.errors import LimitedError, NotFoundError
from services.models import Actor
from services.rules import identity
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.repositories.blacklist import BlacklistRepository
from storage.repositories.certificates import LookupRepository
from storage.tables import BlacklistEntry

_TRIED: Final = b"blacklist.named"
#: So many wrong ones of a follower, or about a number, in this time; then it is paper only.
MOST_FAILURES: Final = 5
WINDOW: Final = timedelta(hours=24)
_NUMBER: Final = re.compile(r"[0-9][0-9\s-]{13,24}[0-9Xx]")
_LABELS: Final = re.compile(r"姓\s*名|身份证(?:号码|号)?|[:：,，、;；。]")


def split(typed: str) -> tuple[str, str]:
    """Name and number of one message, in any order; an empty text for what is not in it.

    >>> split("姓名：王小明，身份证号 520103199001010017")
    ('王小明', '520103199001010017')
    """
    text = normalise(typed)
    found = _NUMBER.search(text)
    if found is None:
        return "", ""
    rest = text[: found.start()] + " " + text[found.end() :]
    return " ".join(_LABELS.sub(" ", rest).split()), found[0]


class NotNamedError(NotFoundError):
    """Nobody of this name and number is to be heard; `.number` is the valid number that was typed, to count the try."""

    def __init__(self, number: str) -> None:
        super().__init__("blacklist.nothing_to_answer")
        self.number = number


class NamingService:
    """For a follower whose lock is held."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.lookups = LookupRepository(work.session)

    async def find(self, follower_id: UUID, typed: str, *, actor: Actor) -> BlacklistEntry:
        """The entry in force, or the proposal that was told on paper, about whom this message names; logged.

        Raises:
            services.rules.errors.InvalidValueError: no identity number in it.
            LimitedError: `blacklist.too_often` (`hours`); too many wrong ones of this follower or about this number.
            NotNamedError: nothing is to be answered, or the name is another one; call `count_failure`.
        """
        name, digits = split(typed)
        number = identity.parse(digits, today=local_day(self.work.now)).number
        sources = self._sources(follower_id, number)
        tried = await self.lookups.failures_by_source(
            [digest for one in sources for digest in one], since=self.work.now - WINDOW
        )
        if any(sum(tried.get(digest, 0) for digest in one) >= MOST_FAILURES for one in sources):
            raise LimitedError("blacklist.too_often", hours=WINDOW // timedelta(hours=1))
        entry = await BlacklistRepository(self.work.session).find_named(
            self.work.tools.keyring.digests(number, context=DIGEST_CONTEXT), name, local_day(self.work.now)
        )
        if entry is None:
            raise NotNamedError(number)
        audit.record(
            self.work,
            actor,
            "blacklist.named",
            "blacklist",
            entry.id,
            after={"number": entry.number},
            organisation_id=entry.organisation_id,
        )
        return entry

    async def count_failure(self, follower_id: UUID, error: NotNamedError) -> None:
        """Keep the try, of this follower and about this number."""
        for digests in self._sources(follower_id, error.number):
            await self.lookups.add(source_digest=digests[0], at=self.work.now, found=False)

    def _sources(self, follower_id: UUID, number: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        keyring = self.work.tools.keyring
        return (
            tuple(keyring.digests(follower_id.hex, context=_TRIED)),
            tuple(keyring.digests(number, context=_TRIED)),
        )
