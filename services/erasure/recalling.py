"""Coming back 找回: who was forgotten finds their enrolments by the same WeChat account and their identity number (C11).

Both are asked for. The number alone is known to employers and neighbours; the account alone was forgotten on purpose.
"""

from typing import Final
from uuid import UUID

from services import audit, people
from services.erasure.forgetting import OPENID_CONTEXT, openid_words
from services.errors import LimitedError, NotFoundError
from services.models import Actor
from services.rules import identity
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.repositories.forgotten import Before, ForgottenRepository

#: So many wrong numbers, and only staff can help.
_MOST_FAILURES: Final = 5


class RecallingService:
    """For a follower who came back; call it with their lock held."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.forgotten = ForgottenRepository(work.session)

    async def has_before(self, account: str, openid: str) -> bool:
        """Whether there is something to find again."""
        return await self.forgotten.has_before(account, self._digests(account, openid))

    async def recall(
        self, account: str, openid: str, typed: str, *, follower_id: UUID, actor: Actor
    ) -> tuple[UUID, int]:
        """The person, and how many enrolments are this follower's again.

        Raises:
            services.rules.errors.InvalidValueError: no identity number.
            NotFoundError: `recall.nothing`; nothing was found for this account and this number.
            LimitedError: `recall.limited` after five wrong numbers.
        """
        number = identity.parse(typed, today=local_day(self.work.now)).number
        before = await self.forgotten.find_before(
            account, self._digests(account, openid), people.digests(self.work, number)
        )
        if before is None:
            raise NotFoundError("recall.nothing")
        if before.failures >= _MOST_FAILURES:
            raise LimitedError("recall.limited")
        if before.person_id is None or not before.enrolment_ids:
            raise NumberDiffersError(before)
        await self.forgotten.hand_over(before.follower_id, before.enrolment_ids, follower_id)
        audit.record(
            self.work,
            actor,
            "follower.recalled",
            "follower",
            follower_id,
            after={"enrolments": len(before.enrolment_ids), "before": str(before.follower_id)},
        )
        return before.person_id, len(before.enrolment_ids)

    async def count_failure(self, error: "NumberDiffersError") -> None:
        """Keep that another number was named."""
        await self.forgotten.count_failure(error.before.follower_id)

    def _digests(self, account: str, openid: str) -> tuple[bytes, ...]:
        return self.work.tools.keyring.digests(openid_words(account, openid), context=OPENID_CONTEXT)


class NumberDiffersError(NotFoundError):
    """The account was here before, with another person's enrolments; told like `recall.nothing`."""

    def __init__(self, before: Before) -> None:
        super().__init__("recall.nothing")
        self.before = before
