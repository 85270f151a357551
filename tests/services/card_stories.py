"""People with cards: passed, reported by the city, numbered by the province, made."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.cards import CardService, CardView
from services.models import Actor
from services.unit_of_work import Work
from storage.tables import Organisation
from tests.services import sichuan_stories as stories
from tests.services.sichuan_stories import Centres


async def numbered(
    work: Work, at: Centres, *, organisation: Organisation | None = None, **wanted: Any
) -> CardView:
    """The numbered card of one more person, by the way that the source describes."""
    row = await stories.passed(work, organisation or at.institution, **wanted)
    service = CardService(work)
    (card,) = await service.report(at.city_officer, [row.id])
    (card,) = await service.number(at.province_officer, [card.id])
    return card


async def reported(work: Work, actor: Actor, enrolment_ids: Sequence[UUID]) -> list[UUID]:
    """Ids of the cards that this report makes."""
    return [card.id for card in await CardService(work).report(actor, enrolment_ids)]
