"""The person's side of an appeal: which result, why, a second look, and how it stands (B7)."""

import uuid
from uuid import UUID

from services import audit
from services.appeals import notes, telling
from services.appeals.models import Appealable, OwnAppeal
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, ResultState
from services.rules.localtime import local_day
from services.rules.review_chain import due_at
from services.unit_of_work import Work
from storage.appeal_states import AppealOutcome, AppealState
from storage.repositories.appeals import OPEN, AppealRepository
from storage.tables import Appeal, Enrolment, Result

_MOST_TOLD = 3


class AppealService:
    """Appeals of followers."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.appeals = AppealRepository(work.session)

    async def own(self, follower_id: UUID) -> tuple[OwnAppeal, ...]:
        """The newest appeals that this follower handed in, at most three."""
        return tuple(
            self._own(appeal, enrolment, result)
            for appeal, enrolment, result in await self.appeals.of_follower(follower_id, limit=_MOST_TOLD)
        )

    async def appealable(self, follower_id: UUID) -> tuple[Appealable, ...]:
        """The follower's published results that have no appeal under way, the newest first, with what is in the way."""
        return tuple(
            self._view(result, enrolment, decided=appeal is not None and appeal.state == AppealState.DECIDED)
            for result, enrolment, appeal in await self.appeals.published_of(follower_id)
            if appeal is None or appeal.state not in OPEN
        )

    async def write(self, follower_id: UUID, result_id: UUID, words: str) -> OwnAppeal:
        """Keep why, for a second look; handed in by `lodge`. Writing again takes the place of what was written.

        Raises:
            NotFoundError: `appeal.no_result`: not the follower's, or not published any more.
            ConflictError: `appeal.over` (`until`), `appeal.lodged` (`number`), `appeal.decided_before` (`number`).
            InvalidValueError: `appeal.words_empty`; `appeal.words_long` (`length`, `limit`).
        """
        said = notes.checked(words)
        found = await self.appeals.find_own_result(follower_id, result_id)
        if found is None:
            raise NotFoundError("appeal.no_result")
        result, enrolment, sitting, appeal = found
        if appeal is not None and appeal.state != AppealState.DRAFT:
            code = "appeal.lodged" if appeal.state in OPEN else "appeal.decided_before"
            raise ConflictError(code, number=appeal.number)
        self._ensure_in_time(result, enrolment)
        if appeal is None:
            appeal = Appeal(
                id=uuid.uuid4(),
                enrolment_id=enrolment.id,
                result_id=result.id,
                organisation_id=sitting.organisation_id,
                state=AppealState.DRAFT,
                created_at=self.work.now,
            )
            await self.appeals.add(appeal)
            self.work.session.add(notes.new(self.work, appeal.id, said, said_by=notes.APPLICANT))
        else:
            (note, *_) = await self.appeals.notes(appeal.id)
            note.text_cipher = self.work.tools.keyring.encrypt_text(said, context=notes.context(note.id))
        await self.work.session.flush()
        return self._own(appeal, enrolment, result, words=said)

    async def lodge(self, follower_id: UUID, appeal_id: UUID, *, actor: Actor) -> OwnAppeal:
        """Hand in what was written.

        Raises:
            NotFoundError: `appeal.not_found`. ConflictError: `appeal.lodged`, `appeal.over` (`until`),
                `result.not_published`: the result was superseded meanwhile.
        """
        appeal, enrolment, result = await self._locked(follower_id, appeal_id)
        if appeal.state != AppealState.DRAFT:
            raise ConflictError("appeal.lodged", number=appeal.number)
        if result.state != ResultState.PUBLISHED:
            raise ConflictError("result.not_published")
        self._ensure_in_time(result, enrolment)
        terms = self.work.scheme(enrolment.scheme_ref).appeal
        due = due_at(self.work.now, terms.answer_days)
        appeal.state, appeal.lodged_at = AppealState.LODGED, self.work.now
        appeal.due_on = local_day(due) if due is not None else None
        self._record(actor, "appeal.lodged", appeal, enrolment)
        return self._own(appeal, enrolment, result)

    async def add(self, follower_id: UUID, appeal_id: UUID, words: str, *, actor: Actor) -> OwnAppeal:
        """Say more, while no decision has been made.

        Raises:
            NotFoundError: `appeal.not_found`. ConflictError: `appeal.closed`. ServiceError: `appeal.too_many` (`limit`).
            InvalidValueError: as `write`.
        """
        said = notes.checked(words)
        appeal, enrolment, result = await self._locked(follower_id, appeal_id)
        if appeal.state not in OPEN:
            raise ConflictError("appeal.closed", number=appeal.number)
        if await self.appeals.count_notes(appeal.id, notes.APPLICANT) >= notes.MOST_WORDS:
            raise ServiceError("appeal.too_many", limit=notes.MOST_WORDS)
        self.work.session.add(notes.new(self.work, appeal.id, said, said_by=notes.APPLICANT))
        self._record(actor, "appeal.added_to", appeal, enrolment)
        return self._own(appeal, enrolment, result)

    async def withdraw(self, follower_id: UUID, appeal_id: UUID, *, actor: Actor) -> OwnAppeal:
        """Take it back; within the time another may be lodged. Raises NotFoundError, ConflictError `appeal.closed`."""
        appeal, enrolment, result = await self._locked(follower_id, appeal_id)
        if appeal.state not in OPEN:
            raise ConflictError("appeal.closed", number=appeal.number)
        appeal.state = AppealState.WITHDRAWN
        self._record(actor, "appeal.withdrawn", appeal, enrolment)
        return self._own(appeal, enrolment, result)

    async def link(self, follower_id: UUID, own: OwnAppeal) -> str:
        """A new one-time address of the pack, or an empty text as long as nothing was disclosed."""
        appeal = await self.work.session.get(Appeal, own.id)
        if appeal is None or appeal.disclosed_at is None:
            return ""
        return telling.give_link(self.work, appeal, follower_id)

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _locked(self, follower_id: UUID, appeal_id: UUID) -> tuple[Appeal, Enrolment, Result]:
        found = await self.appeals.find_own(follower_id, appeal_id)
        if found is None:
            raise NotFoundError("appeal.not_found")
        return found

    def _view(self, result: Result, enrolment: Enrolment, *, decided: bool = False) -> Appealable:
        terms = self.work.scheme(enrolment.scheme_ref).appeal
        published_at = result.published_at or self.work.now
        due = due_at(published_at, terms.days)
        until = local_day(due or published_at)
        over = local_day(self.work.now) > until
        return Appealable(
            result_id=result.id,
            scheme=self.work.scheme(enrolment.scheme_ref).short_title,
            enrolment_number=enrolment.number,
            grade=result.grade,
            score=result.raw,
            published_at=published_at,
            until=until,
            obstacle="decided" if decided else "over" if over else "",
        )

    def _ensure_in_time(self, result: Result, enrolment: Enrolment) -> None:
        view = self._view(result, enrolment)
        if view.obstacle:
            raise ConflictError("appeal.over", until=view.until)

    def _own(self, appeal: Appeal, enrolment: Enrolment, result: Result, *, words: str = "") -> OwnAppeal:
        return OwnAppeal(
            id=appeal.id,
            number=appeal.number,
            scheme=self.work.scheme(enrolment.scheme_ref).short_title,
            state=AppealState(appeal.state),
            outcome=AppealOutcome(appeal.outcome) if appeal.outcome else None,
            due_on=appeal.due_on,
            lodged_at=appeal.lodged_at,
            decision_reason=appeal.decision_reason,
            grade=result.grade,
            words=words,
        )

    def _record(self, actor: Actor, action: str, appeal: Appeal, enrolment: Enrolment) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "appeal",
            appeal.id,
            after={"number": appeal.number, "state": appeal.state, "enrolment": enrolment.number},
            organisation_id=appeal.organisation_id,
            scheme_ref=enrolment.scheme_ref,
        )
