"""What applicants do with their enrolments: look, agree, answer, leave out, withdraw.

They begin in `beginning`, papers are in `materials`, the submission is in `submitting`, what staff do in `review`.
"""

from uuid import UUID

from services import audit, blacklist
from services.answers import is_still, plain_answers, seal
from services.enrolments.draft import Draft, draft_of, fingerprint
from services.enrolments.effects import has_appointed
from services.enrolments.own import OwnEnrolments
from services.enrolments.stages import Stages
from services.errors import ConflictError
from services.models import Actor
from services.rules import tables
from services.rules.answers import read
from services.rules.localtime import local_day
from services.schemes.models import FieldKind
from storage.repositories.enrolments import OPEN
from storage.states import EnrolmentState


class EnrolmentService(OwnEnrolments):
    """Enrolments of one unit of work."""

    async def get(self, enrolment_id: UUID, *, follower_id: UUID) -> Draft:
        """The follower's own enrolment. Raises NotFoundError."""
        return draft_of(self.work, await self._own(enrolment_id, follower_id))

    async def find_open(
        self, follower_id: UUID, *, rather: UUID | None = None, for_update: bool = False
    ) -> Draft | None:
        """What the follower may change: `rather`, when it is theirs and open, else what they changed last.

        `for_update` locks it at once for a verb that follows.
        """
        row = await self.enrolments.find_open(follower_id, rather=rather, for_update=for_update)
        return draft_of(self.work, row) if row is not None and row.state in OPEN else None

    async def list_of(self, follower_id: UUID) -> tuple[Draft, ...]:
        """All of a follower's enrolments, the newest activity first."""
        return tuple(draft_of(self.work, row) for row in await self.enrolments.list_of_follower(follower_id))

    async def agree(self, enrolment_id: UUID, consent_key: str, *, follower_id: UUID, actor: Actor) -> Draft:
        """Keep that the applicant agreed to exactly this text (A12)."""
        enrolment = await self._own(enrolment_id, follower_id, for_update=True)
        scheme = self.work.scheme(enrolment.scheme_ref)
        consent = next(item for item in scheme.consents if item.key == consent_key)
        sha256 = fingerprint(consent)
        await self.enrolments.add_consent(
            enrolment.id,
            consent_key,
            sha256=sha256,
            title=consent.title,
            text=consent.text,
            agreed_at=self.work.now,
        )
        enrolment.agreed = sorted({*enrolment.agreed, sha256})
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.consented",
            enrolment,
            after={"consent": consent_key, "sha256": sha256},
        )
        enrolment.last_activity_at = self.work.now
        return draft_of(self.work, enrolment)

    async def answer(
        self,
        enrolment_id: UUID,
        field_key: str,
        typed: str | tables.Grid,
        *,
        follower_id: UUID,
        seen: str | None = None,
    ) -> Draft:
        """Keep the answer to one field, as it was typed in the chat or on a page.

        `seen` is the fingerprint (`services.answers`) of the answer that was there when this one was asked for; None
        when that does not matter. What somebody gave elsewhere meanwhile is never overwritten unseen.

        Raises:
            services.rules.errors.InvalidValueError: what is wrong with it.
            services.blacklist.BarredError: the identity number is one of those that are barred (C7).
            ConflictError: `enrolment.closed`, `enrolment.field_closed` while only returned fields are open or for what
                the organisation's place decides, or `enrolment.answered_elsewhere`.
        """
        enrolment = await self._open(enrolment_id, follower_id)
        scheme = self.work.scheme(enrolment.scheme_ref)
        self._ensure_reopened(enrolment, field_key)
        if field_key in enrolment.settled:
            raise ConflictError("enrolment.field_closed", key=field_key)
        field = scheme.field(field_key)
        answers = plain_answers(self.work, enrolment)
        before = answers.get(field_key)
        if seen is not None and not is_still(self.work, before, seen):
            raise ConflictError("enrolment.answered_elsewhere", key=field_key)
        answers[field_key] = read(field, typed, today=local_day(self.work.now), answers=answers)
        if field.kind is FieldKind.IDENTITY_NUMBER:
            await blacklist.ensure_answers_clear(self.work, scheme, answers)
        for key, value in tables.with_pruned(scheme.fields, field_key, answers).items():
            kept = seal(self.work, scheme.field(key), enrolment.id, value)
            enrolment.answers = {**enrolment.answers, key: kept}
        self._done(enrolment, field_key)
        return draft_of(self.work, enrolment)

    async def skip(self, enrolment_id: UUID, field_key: str, *, follower_id: UUID) -> Draft:
        """Leave an optional field empty. Raises ConflictError as `answer`, or `enrolment.required`."""
        enrolment = await self._open(enrolment_id, follower_id)
        field = self.work.scheme(enrolment.scheme_ref).field(field_key)
        self._ensure_reopened(enrolment, field_key)
        if field.is_required(plain_answers(self.work, enrolment)):
            raise ConflictError("enrolment.required", key=field_key)
        enrolment.answers = {**enrolment.answers, field_key: seal(self.work, field, enrolment.id, "")}
        self._done(enrolment, field_key)
        return draft_of(self.work, enrolment)

    async def withdraw(self, enrolment_id: UUID, *, follower_id: UUID, actor: Actor) -> Draft:
        """Give an enrolment up, by its applicant, before it was admitted or they were appointed. Raises ConflictError."""
        enrolment = await self._own(enrolment_id, follower_id, for_update=True)
        if enrolment.state not in (*OPEN, EnrolmentState.IN_REVIEW):
            raise ConflictError("enrolment.closed", state=enrolment.state)
        stages = Stages(self.work)
        if has_appointed(stages.chain(enrolment), enrolment.stage):
            raise ConflictError("enrolment.closed", state=enrolment.state)
        before, enrolment.state = enrolment.state, EnrolmentState.WITHDRAWN
        await stages.end(enrolment, actor)
        enrolment.last_activity_at = self.work.now
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.withdrawn",
            enrolment,
            before={"state": before},
            after={"state": enrolment.state},
        )
        return draft_of(self.work, enrolment)
