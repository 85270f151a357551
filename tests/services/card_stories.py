"""People with cards: passed, reported by the city, numbered by the province, made."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.assignments.planning import PlanningService
from services.assignments.service import AssignmentService
from services.cards import CancellationService, CardService, CardView
from services.models import Actor
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.tables import Organisation
from tests import certificate_rows
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


async def one_of_each(work: Work) -> dict[str, UUID]:
    """Ids of a card, a proposed cancellation with its file, an assignment and one who was drawn, by their addresses."""
    at = await stories.centres(work)
    card = await numbered(work, at, employer="单位甲")
    entry = await CancellationService(work).propose_for_ever(
        at.city_officer, card.id, "举报", "举报信", certificate_rows.portrait()
    )
    plan = await PlanningService(work).add(
        at.city_officer, family="sichuan_examiner", occupation="电工", held_on=local_day(work.now), place="成都",
        assessed="某机构", wanted=1,
    )  # fmt: skip
    await PlanningService(work).draw(at.city_officer, plan.id)
    (examiner,) = (await AssignmentService(work).show(at.city_officer, plan.id)).examiners
    return {
        "cards": card.id,
        "cancellations": entry.id,
        "assignments": plan.id,
        "examiners": examiner.id,
    }
