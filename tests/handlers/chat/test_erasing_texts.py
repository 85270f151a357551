"""However much somebody has here, what they read of a deletion fits into one message (C11)."""

from datetime import date
from uuid import UUID

from handlers.chat.texts import erasing
from services.erasure.models import Asked, Holding
from services.erasure.telling import kept_words
from services.models import EnrolmentState
from services.notices.catalogue import NOTICES, render_text
from services.rules.erasure import Duty, Fate, Ruling
from storage.erasure_states import ErasureState

_MOST_BYTES = 2048


def holding(number: int, fate: Fate, *, asked: bool) -> Holding:
    keeps = fate is Fate.KEEP
    return Holding(
        enrolment_id=UUID(int=number),
        number=10_000 + number,
        organisation_id=UUID(int=1),
        scheme="热工计量员二级/技师（高级考评员）",
        state=EnrolmentState.CONCLUDED,
        ruling=Ruling(
            fate=fate,
            duties=tuple(Duty) if keeps else (),
            kept_until=date(2036, 11, 21) if keeps else None,
            withdraws=fate is Fate.ERASE,
        ),
        years=10,
        basis="量学发〔2022〕37号第二十七条",
        pictures=99,
        replaced=9,
        papers=2,
        request_number=100_000 + number if asked else None,
        request_state=ErasureState.PROPOSED if asked else None,
        overdue=False,
    )


def test_a_person_with_many_enrolments_of_every_fate_reads_them_in_one_message_c11() -> None:
    for asked in (False, True):
        many = [holding(n, fate, asked=asked) for n, fate in enumerate(list(Fate) * 6)]
        said = erasing.remaining(many) if asked else erasing.look(many)
        assert len(said.encode()) <= _MOST_BYTES, len(said.encode())
        assert "另有" in said
    told = erasing.asked(Asked(holdings=tuple(many), numbers=tuple(range(12))))
    assert len(told.encode()) <= _MOST_BYTES
    outcome = render_text(NOTICES["erasure_done"], {"number": 100_000, "gone": "", "kept": kept_words(many)})
    assert len(outcome.encode()) <= _MOST_BYTES
