"""Rows of appointments as staff and the person see them."""

import re

from services.appointments.models import AccountView, AppointmentLine
from services.rules import masking
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.appointment_states import AccountOrigin, AppointmentState, LoginRight
from storage.repositories.appointments import AppointmentRow
from storage.tables import BusinessAccount

#: Under which a login is encrypted and digested.
LOGIN_CONTEXT = b"business_accounts.login"
_LIKE_IDENTITY = re.compile(r"\d{17}[\dXx]")


def line(work: Work, row: AppointmentRow) -> AppointmentLine:
    """One line, with the fields' labels as the scheme version has them."""
    one, account = row.appointment, row.account
    scheme = work.scheme(one.scheme_ref)
    terms = scheme.appointment
    right = LoginRight(account.right) if account is not None else LoginRight.NONE
    return AppointmentLine(
        id=one.id,
        number=row.number,
        number_label=terms.number_label if terms else "",
        title=terms.title if terms else scheme.title,
        scheme_id=one.scheme_id,
        name=row.person_name,
        laboratory_id=one.laboratory_id,
        laboratory=row.laboratory,
        fields=labels(scheme, one.fields),
        state=AppointmentState(one.state),
        state_reason=one.state_reason,
        appointed_on=one.appointed_on,
        ended_on=one.ended_on,
        right=right,
        right_to_apply=account is not None
        and account.right_changed_at is not None
        and account.applied_at is None,
        login_requested=account is not None and account.requested_at is not None,
    )


def account_view(work: Work, account: BusinessAccount) -> AccountView:
    """Masked."""
    return AccountView(
        login_masked=masked_login(
            work.tools.keyring.decrypt_text(account.login_cipher, context=LOGIN_CONTEXT)
        ),
        origin=AccountOrigin(account.origin),
        created_by=account.created_by,
        created_at=account.created_at,
        password_mailed_on=account.password_mailed_on,
        right=LoginRight(account.right),
        right_changed_at=account.right_changed_at,
    )


def masked_login(login: str) -> str:
    """A login as lists show it: an identity number is masked."""
    return masking.identity_number(login) if _LIKE_IDENTITY.fullmatch(login) else login


def labels(scheme: Scheme, values: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The labels of fields; a value that the scheme does not know stands for itself."""
    if scheme.appointment is None:
        return tuple(values)
    known = {option.value: option.label for option in scheme.field(scheme.appointment.covers).options}
    return tuple(known.get(value, value) for value in values)
