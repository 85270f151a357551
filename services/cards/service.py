"""A card's way: who passed is reported, numbered, made, handed out; and finding and printing cards (D7)."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, visible_organisation
from services.answers import plain_answers
from services.cards.models import CardPage, CardTodos, CardView, Passed
from services.cards.views import views
from services.certificates import issuing, papers
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.organisations import NobodyResponsibleError, responsible
from services.rules.localtime import local_datetime, local_day
from services.rules.review_chain import stages
from services.schemes.kept import values_of
from services.schemes.models import Card as CardTerms
from services.schemes.models import CertificateKind, Scheme
from services.typesetting.card import render_cards_pdf
from services.unit_of_work import Work
from storage.card_states import CardState
from storage.repositories.cards import STANDING, CardFilter, CardRepository, CardRow
from storage.repositories.certificates import CertificateRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Card, Enrolment, Person

#: Cards that one action takes; a longer list is taken in parts.
MOST_AT_ONCE: Final = 200
_MOST_WAITING: Final = 2_000


class CardService:
    """Cards of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.cards = CardRepository(work.session)
        self._makers: dict[tuple[UUID, str], UUID | None] = {}

    # ---- from the result to the hand ------------------------------------------------------------------------

    async def waiting(self, actor: Actor, *, scheme_id: str | None = None) -> tuple[Passed, ...]:
        """Who passed and has no card yet: those whose cards the actor's organisation makes, by number.

        Whose maker cannot be found is listed to the organisation that enrolled them, with that problem.
        """
        own = visible_organisation(actor)
        rows = await self.cards.list_passed(self._with_cards(scheme_id), limit=_MOST_WAITING)
        mine = []
        for enrolment, person in rows:
            maker = await self._maker(enrolment)
            if own is None or (maker or enrolment.organisation_id) == own:
                mine.append((enrolment, person, maker))
        barred = await self._barred([(enrolment, person) for enrolment, person, _ in mine])
        return tuple(
            Passed(
                enrolment_id=enrolment.id,
                number=enrolment.number,
                name=person.name,
                scheme_id=enrolment.scheme_id,
                scheme=self.work.scheme(enrolment.scheme_ref).short_title,
                occupations=self._occupations(enrolment),
                problem="card.nobody_makes"
                if maker is None
                else "card.barred_person"
                if enrolment.id in barred
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
            self._with_cards(None), enrolment_ids=set(enrolment_ids), limit=MOST_AT_ONCE
        )
        if len(rows) != len(set(enrolment_ids)):
            raise ConflictError("card.not_passed", missing=len(set(enrolment_ids)) - len(rows))
        barred = await self._barred(rows)
        made = []
        for enrolment, person in rows:
            scheme, terms = self._terms(enrolment.scheme_ref)
            maker = await self._maker(enrolment)
            if maker is None:
                raise NotFoundError("card.nobody_makes")
            ensure_officer(actor, maker)
            if enrolment.id in barred:
                raise ConflictError("card.barred_person", name=person.name)
            made.append(
                Card(
                    id=uuid4(),
                    enrolment_id=enrolment.id,
                    person_id=person.id,
                    scheme_id=scheme.id,
                    scheme_version=scheme.version,
                    family=terms.family,
                    occupations=list(self._occupations(enrolment)),
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
            scheme, terms = self._terms(enrolment.scheme_ref)
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
                    cause=str(card.id),
                    facts={
                        "scheme": self.work.scheme(enrolment.scheme_ref).short_title,
                        "title": self._terms(enrolment.scheme_ref)[1].title,
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

    # ---- reading --------------------------------------------------------------------------------------------

    async def list_lines(
        self,
        actor: Actor,
        *,
        state: str | None = None,
        scheme_id: str | None = None,
        query: str = "",
        page: int = 1,
        per_page: int = 50,
    ) -> CardPage:
        """Cards that the actor's organisation makes, numbers or whose people it enrolled (B9), the newest first.

        `state` is one of CardState or `expired`; `query` is part of a number or a name.
        """
        wanted = CardFilter(
            organisation_id=visible_organisation(actor),
            state=state if state != "expired" else None,
            expired_on=local_day(self.work.now) if state == "expired" else None,
            scheme_id=scheme_id,
            query=query.strip()[:40],
        )
        page = max(page, 1)
        total, rows = await self.cards.page(wanted, offset=(page - 1) * per_page, limit=per_page)
        return CardPage(
            items=await views(self.work, rows), total=total, page=page, pages=max(1, -(-total // per_page))
        )

    async def todos(self, actor: Actor) -> CardTodos:
        """How many wait for the actor's organisation; none for others than staff."""
        own = visible_organisation(actor)
        counts = await self.cards.count_next_steps(own) if own is not None else (0, 0, 0)
        return CardTodos(to_number=counts[0], to_make=counts[1], to_hand_out=counts[2])

    async def show(self, actor: Actor, card_id: UUID) -> CardView:
        """One card, for staff who may see it. Raises NotFoundError."""
        row = await self.cards.find(card_id)
        ensure_visible(actor, row)
        return (await views(self.work, [row] if row else []))[0]

    async def find_by_number(self, actor: Actor, number: str) -> CardView:
        """By its number, as typed. Raises NotFoundError."""
        row = await self.cards.find_by_number(number.strip().upper())
        ensure_visible(actor, row)
        return (await views(self.work, [row] if row else []))[0]

    async def ids_of_numbers(self, actor: Actor, numbers: Collection[int]) -> dict[int, UUID]:
        """Enrolment number → card, for those that the actor may see."""
        own = visible_organisation(actor)
        return await self.cards.ids_of_numbers(numbers, own)

    async def of_enrolment(self, enrolment_id: UUID) -> CardView | None:
        """The card of one enrolment; the caller has checked who asks."""
        row = await self.cards.of_enrolment(enrolment_id)
        return (await views(self.work, [row]))[0] if row is not None else None

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

    # ---- inside ---------------------------------------------------------------------------------------------

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

    async def _maker(self, enrolment: Enrolment) -> UUID | None:
        """Who makes the card: who trained the person (市 for its own, 省 for 省直 classes, D7), else the organisation of the
        kind that decides last.
        """
        scheme, terms = self._terms(enrolment.scheme_ref)
        if enrolment.trainer_id is not None:
            trainer = await OrganisationRepository(self.work.session).find(enrolment.trainer_id)
            if trainer is not None and trainer.kind in terms.made_by:
                return trainer.id
        chain = [stage.organisation_kind for stage in stages(scheme, plain_answers(self.work, enrolment))]
        kind = next((kind for kind in reversed(chain) if kind in terms.made_by), terms.made_by[0])
        key = (enrolment.organisation_id, kind)
        if key not in self._makers:
            try:
                self._makers[key] = await responsible(self.work, *key)
            except NobodyResponsibleError:
                self._makers[key] = None
        return self._makers[key]

    async def _barred(self, rows: Sequence[tuple[Enrolment, Person]]) -> set[UUID]:
        """The enrolments of those whose qualification was cancelled for ever in the family."""
        families = {enrolment.id: self._terms(enrolment.scheme_ref)[1].family for enrolment, _ in rows}
        if not rows:
            return set()
        bars = await self.cards.bars({person.id for _, person in rows}, set(families.values()))
        found = {(bar.person_id, bar.family) for bar in bars}
        return {enrolment.id for enrolment, person in rows if (person.id, families[enrolment.id]) in found}

    async def _ensure_none_barred(self, rows: Sequence[CardRow]) -> None:
        barred = await self._barred([(enrolment, person) for _, person, enrolment in rows])
        for _, person, enrolment in rows:
            if enrolment.id in barred:
                raise ConflictError("card.barred_person", name=person.name)

    def _with_cards(self, scheme_id: str | None) -> list[str]:
        """Ids of the schemes that end in a card."""
        with_cards = {scheme.id for scheme in self.work.tools.schemes.values() if scheme.card is not None}
        return sorted(with_cards & {scheme_id} if scheme_id else with_cards)

    def _terms(self, ref: str) -> tuple[Scheme, CardTerms]:
        scheme = self.work.scheme(ref)
        if scheme.card is None:
            raise ConflictError("card.not_offered", scheme=scheme.short_title)
        return scheme, scheme.card

    def _occupations(self, enrolment: Enrolment) -> tuple[str, ...]:
        """As applied for; choices by their labels."""
        scheme, terms = self._terms(enrolment.scheme_ref)
        if not terms.occupations:
            return ()
        labels = {option.value: option.label for option in scheme.field(terms.occupations).options}
        answer = str(enrolment.answers.get(terms.occupations, ""))
        return tuple(labels.get(value, value) for value in values_of(answer))

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


def ensure_visible(actor: Actor, row: CardRow | None) -> None:
    """Whoever makes it, numbers it or enrolled the person (B9). Raises NotFoundError, which tells a stranger nothing."""
    own = visible_organisation(actor)
    if row is None:
        raise NotFoundError("access.not_found")
    card, _, enrolment = row
    if own is not None and own not in (card.made_by_id, card.numbered_by_id, enrolment.organisation_id):
        raise NotFoundError("access.not_found")


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
