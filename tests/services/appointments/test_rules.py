"""The rules of appointments without a database: coverage (E4), the roster's cases (E6), the right that follows (E6)."""

from itertools import product

import pytest

from services.appointments.accounts import read_login, right_after
from services.errors import ServiceError
from services.rules.coverage import gaps, opened_by_leaving
from services.rules.roster import Action, Case, action_for, case_of
from storage.appointment_states import AppointmentState, LoginRight


@pytest.mark.parametrize(
    ("business", "people", "missing"),
    [
        (["CCC", "CQC标志", "RoHs", "PSE"], [["CCC", "PSE"], ["CQC标志", "RoHs"]], ()),
        (["CCC", "CQC标志", "RoHs", "PSE"], [["CCC", "PSE"], ["CCC"]], ("CQC标志", "RoHs")),
        (["CCC"], [], ("CCC",)),
        ([], [["GAP"]], ()),
    ],
)
def test_a_laboratory_s_people_together_cover_its_business_or_the_gaps_are_named_e4(
    business: list[str], people: list[list[str]], missing: tuple[str, ...]
) -> None:
    assert gaps(business, people) == missing


def test_who_leaves_opens_only_the_gaps_that_were_theirs_to_fill_e4() -> None:
    assert opened_by_leaving(["CCC", "CB", "PSE"], ["CCC", "CB"], [["CCC"]]) == ("CB",)
    assert opened_by_leaving(["CCC"], ["GAP"], []) == ()


#: Annex 2: appointed, may log in, still there → case; what to do before and after the last day.
ROSTER = {
    (True, True, True): (Case.KEEP, Action.NONE, Action.NONE),
    (True, False, True): (Case.APPLY_FOR_LOGIN, Action.APPLY_FOR_LOGIN, Action.APPLY_FOR_LOGIN),
    (False, True, True): (Case.APPOINT_OR_PURGE, Action.APPOINT, Action.PURGE_LOGIN),
    (False, False, True): (Case.APPOINT_THEN_LOGIN, Action.APPOINT, Action.APPOINT),
    (True, True, False): (Case.DEPARTED, Action.SUSPEND_OR_END, Action.SUSPEND_OR_END),
    (True, False, False): (Case.DEPARTED, Action.SUSPEND_OR_END, Action.SUSPEND_OR_END),
    (False, True, False): (Case.LOGIN_LEFT_BEHIND, Action.PURGE_LOGIN, Action.PURGE_LOGIN),
    (False, False, False): (Case.NOTHING_LEFT, Action.NONE, Action.NONE),
    (True, True, None): (Case.UNCONFIRMED, Action.CONFIRM, Action.PURGE_LOGIN),
    (False, True, None): (Case.UNCONFIRMED, Action.CONFIRM, Action.PURGE_LOGIN),
    (True, False, None): (Case.UNCONFIRMED, Action.CONFIRM, Action.CONFIRM),
    (False, False, None): (Case.UNCONFIRMED, Action.CONFIRM, Action.CONFIRM),
}


def test_everybody_on_a_roster_has_exactly_one_case_with_its_action_e6() -> None:
    everything = set(product((True, False), (True, False), (True, False, None)))
    assert set(ROSTER) == everything
    for (appointed, has_login, still_there), (case, before, after) in ROSTER.items():
        assert case_of(appointed=appointed, has_login=has_login, still_there=still_there) is case
        assert action_for(case, has_login=has_login, overdue=False) is before
        assert action_for(case, has_login=has_login, overdue=True) is after


ACTIVE, SUSPENDED, ENDED = AppointmentState.ACTIVE, AppointmentState.SUSPENDED, AppointmentState.ENDED


@pytest.mark.parametrize(
    ("right", "states", "then"),
    [
        (LoginRight.GRANTED, {ACTIVE}, LoginRight.GRANTED),
        (LoginRight.GRANTED, {SUSPENDED}, LoginRight.SUSPENDED),
        (LoginRight.GRANTED, {ENDED}, LoginRight.REVOKED),
        (LoginRight.GRANTED, set(), LoginRight.REVOKED),
        (LoginRight.GRANTED, {ACTIVE, ENDED}, LoginRight.GRANTED),
        (LoginRight.GRANTED, {SUSPENDED, ENDED}, LoginRight.SUSPENDED),
        (LoginRight.SUSPENDED, {ACTIVE}, LoginRight.GRANTED),
        (LoginRight.SUSPENDED, {ENDED}, LoginRight.REVOKED),
        # Nothing grants by itself.
        (LoginRight.NONE, {ACTIVE}, LoginRight.NONE),
        (LoginRight.REVOKED, {ACTIVE}, LoginRight.REVOKED),
    ],
)
def test_the_login_right_follows_the_appointments_e1_e6(
    right: LoginRight, states: set[str], then: LoginRight
) -> None:
    assert right_after(right, frozenset(states)) is then


def test_a_login_is_read_with_the_small_x_of_an_identity_number_made_large_e5() -> None:
    assert read_login(" 11010519491231002x ") == "11010519491231002X"
    assert read_login("Wang.xm") == "Wang.xm"
    for bad in ("", "王小明", "a b", "x" * 41):
        with pytest.raises(ServiceError, match=r"account\.login"):
            read_login(bad)
