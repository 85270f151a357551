"""What a card's holder asks for in the chat: a new copy of a lost or damaged card, or 复核 before its last day (D9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.cards.copies import want
from services.cards.models import is_expired
from services.cards.terms import terms_of
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.card_states import CardState, CopyCause
from storage.repositories.cards import STANDING, CardRepository, CardRow
from storage.repositories.organisations import OrganisationRepository

_REASON = "本人在公众号里申请"


@dataclass(frozen=True, kw_only=True)
class Askable:
    """One thing that can be asked for."""

    card_id: UUID
    cause: CopyCause
    title: str
    number: str
    #: Last day; None: without end.
    until: date | None
    #: How 复核 is called.
    renewal: str


class AskingService:
    """For the follower from whose enrolment the card comes."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.cards = CardRepository(work.session)

    async def askable(self, follower_id: UUID) -> tuple[Askable, ...]:
        """What can be asked for now; a card of which something is asked already is left out."""
        return tuple(
            Askable(
                card_id=row[0].id,
                cause=cause,
                title=terms_of(self.work, row[2].scheme_ref)[1].title,
                number=row[0].number or "",
                until=row[0].valid_until,
                renewal=self._renewal(row) or "",
            )
            for row in await self.cards.standing_of_follower(follower_id)
            for cause in self._causes(row)
        )

    async def ask(self, follower_id: UUID, card_id: UUID, cause: CopyCause, *, actor: Actor) -> str:
        """Propose it to the card's maker; gives the maker's name.

        Raises:
            NotFoundError: `card.not_yours_to_ask`, another follower's, or cancelled meanwhile.
            ConflictError: `card.not_askable`, not for this cause now, or asked already.
        """
        row = await self.cards.find(card_id, for_update=True)
        if row is None or row[2].follower_id != follower_id:
            raise NotFoundError("card.not_yours_to_ask")
        if cause not in tuple(self._causes(row)):
            raise ConflictError("card.not_askable")
        want(self.work, actor, row[0], cause, _REASON)
        maker = await OrganisationRepository(self.work.session).find(row[0].made_by_id)
        return maker.name if maker is not None else ""

    def _causes(self, row: CardRow) -> Iterator[CopyCause]:
        card, _, _ = row
        if card.wanted_cause or is_expired(card, local_day(self.work.now)):
            return
        if card.state in (CardState.MADE, CardState.HANDED_OUT):
            yield CopyCause.LOST
            yield CopyCause.DAMAGED
        if self._renewal(row) is not None and card.state in STANDING:
            yield CopyCause.RENEWED

    def _renewal(self, row: CardRow) -> str | None:
        """How 复核 is called, while it is open."""
        card, _, enrolment = row
        renewal = terms_of(self.work, enrolment.scheme_ref)[1].renewal
        if renewal is None or card.valid_until is None:
            return None
        opens_on = card.valid_until - timedelta(days=renewal.opens_days)
        return renewal.label if local_day(self.work.now) >= opens_on else None
