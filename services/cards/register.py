"""Finding cards: lists, single ones by id or number, and who may see them (B9)."""

from collections.abc import Collection
from uuid import UUID

from services.access import visible_organisation
from services.cards.models import CardPage, CardTodos, CardView
from services.cards.views import views
from services.errors import NotFoundError
from services.models import Actor
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.repositories.cards import CardFilter, CardRepository, CardRow


class CardRegister:
    """Cards as staff look at them."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.cards = CardRepository(work.session)

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

        `state` is one of CardState, `expired` or `wanted` (a new copy is proposed); `query` is part of a number or a name.
        """
        wanted = CardFilter(
            organisation_id=visible_organisation(actor),
            state=state if state not in ("expired", "wanted") else None,
            wanted=state == "wanted",
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
        wanted = await self.cards.count_wanted(own) if own is not None else 0
        return CardTodos(to_number=counts[0], to_make=counts[1], to_hand_out=counts[2], to_print_anew=wanted)

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


def ensure_visible(actor: Actor, row: CardRow | None) -> None:
    """Whoever makes it, numbers it or enrolled the person (B9). Raises NotFoundError, which tells a stranger nothing."""
    own = visible_organisation(actor)
    if row is None:
        raise NotFoundError("access.not_found")
    card, _, enrolment = row
    if own is not None and own not in (card.made_by_id, card.numbered_by_id, enrolment.organisation_id):
        raise NotFoundError("access.not_found")
