"""The roster check's five cases (E6, annex 2): appointed × may log in × still there → case → what is to be done.

The source names five; what it leaves over is named here as well, so that nobody on a roster is without a case.
"""

from enum import StrEnum


class Case(StrEnum):
    """Where one person of a roster stands."""

    #: 1: appointed and has a login: goes on working.
    KEEP = "keep"
    #: 2: appointed without a login.
    APPLY_FOR_LOGIN = "apply_for_login"
    #: 3: a login without an appointment: appointed by the deadline, or purged.
    APPOINT_OR_PURGE = "appoint_or_purge"
    #: 4: appointed and gone, as the laboratory confirms.
    DEPARTED = "departed"
    #: 5: neither, and needed.
    APPOINT_THEN_LOGIN = "appoint_then_login"
    #: Not among the five: gone, never appointed, and a login is left.
    LOGIN_LEFT_BEHIND = "login_left_behind"
    #: The laboratory has not answered.
    UNCONFIRMED = "unconfirmed"
    #: Gone, and nothing is left.
    NOTHING_LEFT = "nothing_left"


class Action(StrEnum):
    """What somebody has to do about it next."""

    NONE = "none"
    #: The laboratory says whether the person is still there.
    CONFIRM = "confirm"
    #: The laboratory requests the login, and the business department grants it.
    APPLY_FOR_LOGIN = "apply_for_login"
    #: The person applies for the appointment.
    APPOINT = "appoint"
    #: The training centre suspends or ends the appointment.
    SUSPEND_OR_END = "suspend_or_end"
    #: The training centre decides whether the login is purged.
    PURGE_LOGIN = "purge_login"


def case_of(*, appointed: bool, has_login: bool, still_there: bool | None) -> Case:
    """The case of one person; `still_there` is None until the laboratory has answered."""
    if still_there is None:
        return Case.UNCONFIRMED
    if still_there:
        if appointed:
            return Case.KEEP if has_login else Case.APPLY_FOR_LOGIN
        return Case.APPOINT_OR_PURGE if has_login else Case.APPOINT_THEN_LOGIN
    if appointed:
        return Case.DEPARTED
    return Case.LOGIN_LEFT_BEHIND if has_login else Case.NOTHING_LEFT


def action_for(case: Case, *, has_login: bool, overdue: bool) -> Action:
    """What is to be done in this case; `overdue`: the last day for answers is over.

    After it the source purges whoever has a login and was not appointed, or was not confirmed by the laboratory.
    """
    match case:
        case Case.UNCONFIRMED:
            return Action.PURGE_LOGIN if overdue and has_login else Action.CONFIRM
        case Case.APPOINT_OR_PURGE:
            return Action.PURGE_LOGIN if overdue else Action.APPOINT
        case Case.APPOINT_THEN_LOGIN:
            return Action.APPOINT
        case Case.LOGIN_LEFT_BEHIND:
            return Action.PURGE_LOGIN
        case Case.DEPARTED:
            return Action.SUSPEND_OR_END
        case Case.APPLY_FOR_LOGIN:
            return Action.APPLY_FOR_LOGIN
        case Case.KEEP | Case.NOTHING_LEFT:
            return Action.NONE
