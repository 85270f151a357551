"""A card's way: who passed is reported, numbered, made, printed, handed out (D7)."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, visible_organisation
from services.cards.bars import barred_among
from services.cards.models import CardView, Passed
from services.cards.register import ensure_visible
from services.cards.terms import Makers, occupations_of, terms_of, with_cards
from services.cards.views import views
from services.certificates import issuing, papers
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.organisations import responsible
from services.rules.localtime import local_datetime, local_day
from services.schemes.models import Card as CardTerms
from services.schemes.models import CertificateKind
from services.typesetting.card import render_cards_pdf
from services.unit_of_work import Work
from storage.card_states import CardState
from storage.repositories.cards import STANDING, CardRepository, CardRow
from storage.repositories.certificates import CertificateRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Card

#: Cards that one action takes; a longer list is taken in parts.
MOST_AT_ONCE: Final = 200
_MOST_WAITING: Final = 2_000


class CardService:
    """Cards of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.cards = CardRepository(work.session)
        self._makers = Makers(work)

    async def waiting(self, actor: Actor, *, scheme_id: str | None = None) -> tuple[Passed, ...]:
        """Who passed and has no card yet: those whose cards the actor's organisation makes, by number.

        Whose maker cannot be found is listed to the organisation that enrolled them, with that problem.
        """
        own = visible_organisation(actor)
        rows = await self.cards.list_passed(with_cards(self.work, scheme_id), limit=_MOST_WAITING)
        mine = []
        for enrolment, person in rows:
            maker = await self._makers.of(enrolment)
            if own is None or (maker or enrolment.organisation_id) == own:
                mine.append((enrolment, person, maker))
        excluded = await barred_among(self.work, [(enrolment, person) for enrolment, person, _ in mine])
        return tuple(
            Passed(
                enrolment_id=enrolment.id,
                number=enrolment.number,
                name=person.name,
                scheme_id=enrolment.scheme_id,
                scheme=self.work.scheme(enrolment.scheme_ref).short_title,
                occupations=occupations_of(self.work, enrolment),
                problem="card.nobody_makes"
                if maker is None
                else "card.barred_person"
                if enrolment.id in excluded
                else "",
            )
            for enrolment, person, maker in mine
        )

    async def report(self, actor: Actor, enrolment_ids: Collection[UUID]) -> tuple[CardView, ...]:
        """Tell the one that gives numbers that these passed (市 → 省).

        Raises:
            ServiceError: `card.none_chosen`, `card.too_many` with the `limit`.
            ConflictError: `card.not_passed` when one has no published pass or has a card already;
                `card.barred_person` with the `name` of one whose qualification was cancelled for ever.
            NotFoundError, ForbiddenError: not the maker's officer, or nobody is responsible.
        """
        self._ensure_some(enrolment_ids)
        rows = await self.cards.list_passed(
            with_cards(self.work, None), enrolment_ids=set(enrolment_ids), limit=MOST_AT_ONCE
        )
        if len(rows) != len(set(enrolment_ids)):
            raise ConflictError("card.not_passed", missing=len(set(enrolment_ids)) - len(rows))
        excluded = await barred_among(self.work, rows)
        made = []
        for enrolment, person in rows:
            scheme, terms = terms_of(self.work, enrolment.scheme_ref)
            maker = await self._makers.of(enrolment)
            if maker is None:
                raise NotFoundError("card.nobody_makes")
            ensure_officer(actor, maker)
            if enrolment.id in excluded:
                raise ConflictError("card.barred_person", name=person.name)
            made.append(
                Card(
                    id=uuid4(),
                    enrolment_id=enrolment.id,
                    person_id=person.id,
                    scheme_id=scheme.id,
                    scheme_version=scheme.version,
                    family=terms.family,
                    occupations=list(occupations_of(self.work, enrolment)),
                    state=CardState.AWAITING_NUMBER,
                    made_by_id=maker,
                    numbered_by_id=await responsible(self.work, enrolment.organisation_id, terms.numbered_by),
                    reported_at=self.work.now,
                    created_at=self.work.now,
                )
            )
        await self.cards.add_all(made)
        for card in made:
            self._record(actor, "card.reported", card, after={"state": card.state})
        pairs = zip(made, rows, strict=True)
        return await views(self.work, [(card, person, enrolment) for card, (enrolment, person) in pairs])

    async def number(self, actor: Actor, card_ids: Collection[UUID]) -> tuple[CardView, ...]:
        """Give numbers (省), in the order in which they were reported; each holder is told by a job.

        Raises:
            ServiceError: `card.none_chosen`, `card.too_many`; `certificate.unprintable_name`.
            NotFoundError: not to be seen by the actor. ForbiddenError: `card.not_yours`, or a reader.
            ConflictError: `card.wrong_state`; `certificate.holder_incomplete`. Nothing was written then.
        """
        rows = await self._locked(actor, card_ids, "numbered_by_id", (CardState.AWAITING_NUMBER,))
        await self._ensure_none_barred(rows)
        names = await OrganisationRepository(self.work.session).names(
            {card.made_by_id for card, _, _ in rows}
        )
        today = local_day(self.work.now)
        for card, _, enrolment in rows:
            scheme, terms = terms_of(self.work, enrolment.scheme_ref)
            kind = _paper(terms)
            certificate = await issuing.write(
                self.work,
                actor,
                enrolment,
                scheme,
                kind,
                issuing.card_facts(scheme, kind, card.occupations, names[card.made_by_id]),
                issuer_id=card.made_by_id,
            )
            card.certificate_id, card.number = certificate.id, certificate.number
            card.valid_from, card.valid_until = today, certificate.expires_on
            card.state, card.numbered_at = CardState.NUMBERED, self.work.now
            self._record(
                actor,
                "card.numbered",
                card,
                before={"state": CardState.AWAITING_NUMBER},
                after={"state": card.state, "number": card.number},
            )
        await self.work.session.flush()
        return await views(self.work, rows)

    async def make(self, actor: Actor, card_ids: Collection[UUID]) -> tuple[CardView, ...]:
        """They are printed (市; 省 for its own); each holder is told. Raises as `number`, of the one that makes."""
        rows = await self._locked(actor, card_ids, "made_by_id", (CardState.NUMBERED,))
        await self._move(actor, rows, CardState.MADE, "card.made", "made_at")
        names = await OrganisationRepository(self.work.session).names(
            {card.made_by_id for card, _, _ in rows}
        )
        await NoticeService(self.work).send_many(
            [
                Addressed(
                    follower_id=enrolment.follower_id,
                    notice="card_made",
                    cause=str(card.id) if card.copy == 1 else f"{card.id}:{card.copy}",
                    facts={
                        "scheme": self.work.scheme(enrolment.scheme_ref).short_title,
                        "title": terms_of(self.work, enrolment.scheme_ref)[1].title,
                        "number": card.number,
                        "organisation": names[card.made_by_id],
                        "hint": "证卡已制作，请等候发放",
                        "time": local_datetime(self.work.now),
                    },
                    enrolment_id=enrolment.id,
                    group=f"card:{card.id}",
                )
                for card, _, enrolment in rows
            ]
        )
        return await views(self.work, rows)

    async def hand_out(self, actor: Actor, card_ids: Collection[UUID]) -> tuple[CardView, ...]:
        """They are in their holders' hands. Raises as `make`."""
        rows = await self._locked(actor, card_ids, "made_by_id", (CardState.MADE,))
        await self._move(actor, rows, CardState.HANDED_OUT, "card.handed_out", "handed_at")
        return await views(self.work, rows)

    async def print_sheet(self, actor: Actor, card_ids: Collection[UUID]) -> bytes:
        """Ten a page of A4, by number, for the organisation that makes them; logged.

        Raises: as `make`, and what the typesetting raises.
        """
        rows = await self._locked(actor, card_ids, "made_by_id", STANDING)
        certificates = CertificateRepository(self.work.session)
        sheets = [
            await papers.card_sheet(self.work, await certificates.get(card.certificate_id))
            for card, _, _ in sorted(rows, key=lambda row: row[0].number or "")
            if card.certificate_id is not None
        ]
        for card, _, _ in rows:
            self._record(actor, "card.printed", card, after={"number": card.number})
        return await asyncio.to_thread(render_cards_pdf, sheets, dated_on=local_day(self.work.now))

    async def _locked(
        self, actor: Actor, card_ids: Collection[UUID], whose: str, states: Iterable[CardState]
    ) -> Sequence[CardRow]:
        """These cards, all of the actor's organisation in the role of `whose`, all in one of `states`."""
        self._ensure_some(card_ids)
        rows = await self.cards.lock(set(card_ids))
        if len(rows) != len(set(card_ids)):
            raise NotFoundError("access.not_found")
        for row in rows:
            ensure_visible(actor, row)
            card, person, _ = row
            # One who sees it knows that it is there: say who does this instead.
            if actor.organisation_id not in (None, getattr(card, whose)):
                raise ForbiddenError("card.not_yours", step=whose.removesuffix("_by_id"))
            ensure_officer(actor, getattr(card, whose))
            if card.state not in tuple(states):
                raise ConflictError("card.wrong_state", state=card.state, name=person.name)
        return rows

    async def _move(
        self, actor: Actor, rows: Sequence[CardRow], state: CardState, action: str, moment: str
    ) -> None:
        for card, _, _ in rows:
            before, card.state = card.state, state
            setattr(card, moment, self.work.now)
            self._record(actor, action, card, before={"state": before}, after={"state": state})
        await self.work.session.flush()

    async def _ensure_none_barred(self, rows: Sequence[CardRow]) -> None:
        excluded = await barred_among(self.work, [(enrolment, person) for _, person, enrolment in rows])
        for _, person, enrolment in rows:
            if enrolment.id in excluded:
                raise ConflictError("card.barred_person", name=person.name)

    def _record(
        self,
        actor: Actor,
        action: str,
        card: Card,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        audit.record(
            self.work, actor, action, "card", card.id, before=before, after=after,
            organisation_id=card.made_by_id, scheme_ref=f"{card.scheme_id}@{card.scheme_version}",
        )  # fmt: skip

    @staticmethod
    def _ensure_some(given: Collection[UUID]) -> None:
        if not given:
            raise ServiceError("card.none_chosen")
        if len(set(given)) > MOST_AT_ONCE:
            raise ServiceError("card.too_many", limit=MOST_AT_ONCE)


def _paper(terms: CardTerms) -> CertificateKind:
    return CertificateKind(
        key=issuing.CARD,
        title=terms.title,
        trigger="result_passed",
        number_prefix=terms.number_prefix,
        number_digits=terms.number_digits,
        valid_months=terms.valid_months,
        statement=terms.statement,
    )
