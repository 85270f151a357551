"""What the card services return, and when a card is in force."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from storage.card_states import CancellationState, CardState
from storage.repositories.cards import STANDING
from storage.tables import Card


@dataclass(frozen=True, kw_only=True)
class Passed:
    """One who passed and has no card; `problem` is an error code, empty when nothing is in the way."""

    enrolment_id: UUID
    number: int
    name: str
    scheme_id: str
    scheme: str
    occupations: tuple[str, ...]
    problem: str


@dataclass(frozen=True, kw_only=True)
class CardView:
    """A card as staff see it; neither token nor link is in it."""

    id: UUID
    title: str
    scheme_id: str
    scheme: str
    family: str
    enrolment_id: UUID
    enrolment_number: int
    name: str
    identity_masked: str
    occupations: tuple[str, ...]
    state: CardState
    #: Past its last day; never stored as a state.
    expired: bool
    #: Empty until it is numbered.
    number: str
    valid_from: date | None
    valid_until: date | None
    made_by_id: UUID
    made_by: str
    numbered_by_id: UUID
    numbered_by: str
    certificate_id: UUID | None
    reported_at: datetime
    numbered_at: datetime | None
    made_at: datetime | None
    handed_at: datetime | None
    cancelled_at: datetime | None
    #: Which print of it is good.
    copy: int
    #: Why a new copy is proposed, since when, by whom; empty for none.
    wanted_cause: str
    wanted_reason: str
    wanted_at: datetime | None
    wanted_by: str
    #: How renewing it is called and what is looked at then; empty where its scheme renews none.
    renewal: str
    renewal_conditions: tuple[str, ...]
    #: From when on it can be renewed; None for never.
    renewal_opens_on: date | None

    @property
    def shown_state(self) -> str:
        """The state with `expired` among them."""
        return "expired" if self.expired else self.state.value


@dataclass(frozen=True, kw_only=True)
class CardPage:
    """One page of cards; pages count from 1."""

    items: tuple[CardView, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class CancellationView:
    """A cancellation, proposed or done (D9)."""

    id: UUID
    for_ever: bool
    state: CancellationState
    reason: str
    evidence: str
    has_file: bool
    #: When the paper was deleted, having been kept long enough (C11).
    purged_at: datetime | None
    organisation: str
    proposed_by: str
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    decision_reason: str


@dataclass(frozen=True, kw_only=True)
class CardTodos:
    """What waits for an organisation."""

    to_number: int
    to_make: int
    to_hand_out: int
    #: New copies that are proposed.
    to_print_anew: int


def is_expired(card: Card, day: date) -> bool:
    """Numbered, not cancelled, and past its last day."""
    return card.state in STANDING and card.valid_until is not None and day > card.valid_until
