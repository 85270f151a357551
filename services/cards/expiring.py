"""Reminders before a card's last day, where its scheme renews cards (D9: an expired card may not be used)."""

from datetime import timedelta

from services.cards.terms import terms_of, with_cards
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.rules.localtime import local_date, local_datetime, local_day
from services.unit_of_work import Work
from storage.repositories.cards import CardRepository
from storage.repositories.organisations import OrganisationRepository


async def remind_expiring(work: Work) -> int:
    """Tell whoever has come to a reminder's day, each reminder of a term once; says how many were due.

    Of several that were missed only the latest is sent.
    """
    renewing = {
        scheme.id: max(scheme.card.renewal.reminders)
        for scheme in work.tools.schemes.values()
        if scheme.id in with_cards(work, None) and scheme.card is not None and scheme.card.renewal is not None
    }
    if not renewing:
        return 0
    today = local_day(work.now)
    rows = await CardRepository(work.session).list_ending(
        renewing, first=today, last=today + timedelta(days=max(renewing.values()))
    )
    names = await OrganisationRepository(work.session).names({card.made_by_id for card, _, _ in rows})
    messages = []
    for card, _, enrolment in rows:
        _, terms = terms_of(work, enrolment.scheme_ref)
        if terms.renewal is None or card.valid_until is None:
            continue
        left = (card.valid_until - today).days
        reached = [days for days in terms.renewal.reminders if left <= days]
        if not reached:
            continue
        messages.append(
            Addressed(
                follower_id=enrolment.follower_id,
                notice="card_expiring",
                cause=f"{card.id}:{card.valid_until}:{min(reached)}",
                facts={
                    "scheme": work.scheme(enrolment.scheme_ref).short_title,
                    "title": terms.title,
                    "number": card.number,
                    "until": local_date(card.valid_until),
                    "left": str(left),
                    "label": terms.renewal.label,
                    "organisation": names.get(card.made_by_id, ""),
                    "hint": f"还有{left}天到期，请办理复核",
                    "time": local_datetime(work.now),
                },
                enrolment_id=enrolment.id,
                group=f"card:{card.id}",
            )
        )
    await NoticeService(work).send_many(messages)
    return len(messages)
