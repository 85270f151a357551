"""What a list of logins means for a roster check: decided without a database (E6).

A laboratory that the list names is named whole: whoever of it is not in the list has no login.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.appointments.roster_sheet import LABORATORY, LOGIN, NAME, LoginRow, wrong
from services.rules import names
from services.rules.text import fold
from services.spreadsheets import RowError, Table


@dataclass(frozen=True, kw_only=True)
class KeptEntry:
    """An entry of the check."""

    id: UUID
    laboratory_id: UUID
    person_id: UUID | None
    name: str
    #: In small letters; None: without one.
    login: str | None
    has_login: bool


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose login it is, as accounts on file say."""

    person_id: UUID
    name: str


@dataclass(kw_only=True)
class LoginPlan:
    """What a file comes to."""

    #: (row, its laboratory, whose login it is when that is on file)
    new: list[tuple[LoginRow, UUID, UUID | None]] = field(default_factory=list)
    #: (entry, row): has this login, and had none or another.
    given: list[tuple[KeptEntry, LoginRow]] = field(default_factory=list)
    #: Had a login, and is not in the list.
    taken: list[KeptEntry] = field(default_factory=list)
    same: int = 0
    errors: list[RowError] = field(default_factory=list)


def plan(
    table: Table,
    rows: Sequence[LoginRow],
    *,
    laboratories: Mapping[str, UUID],
    kept: Iterable[KeptEntry],
    owners: Mapping[str, Owner],
) -> LoginPlan:
    """What the rows mean. `laboratories` by folded name; `owners` by login in small letters."""
    outcome, entries = LoginPlan(), list(kept)
    times = Counter(row.login.lower() for row in rows)
    met: set[UUID] = set()
    named: set[UUID] = set()
    for row in rows:
        laboratory = laboratories.get(fold(row.laboratory))
        if laboratory is None:
            outcome.errors.append(
                wrong(
                    table, row.row, LABORATORY, "没有这个检测机构", "请填写在本系统登记的全称，或先登记该机构"
                )
            )
            continue
        named.add(laboratory)
        login = row.login.lower()
        if times[login] > 1:
            outcome.errors.append(
                wrong(
                    table,
                    row.row,
                    LOGIN,
                    f"同一个登录账号出现了 {times[login]} 次",
                    "一个账号只能属于一个人，请核对",
                )
            )
            continue
        owner = owners.get(login)
        if owner is not None and not names.equal(owner.name, row.name):
            outcome.errors.append(
                wrong(table, row.row, NAME, "这个登录账号在本系统里是另一个人的", "请核对姓名和账号")
            )
            continue
        entry = _whose(row, laboratory, owner, entries, met)
        if isinstance(entry, RowError):
            outcome.errors.append(wrong(table, row.row, NAME, entry.problem, entry.example))
        elif entry is None:
            outcome.new.append((row, laboratory, owner.person_id if owner else None))
        else:
            met.add(entry.id)
            if entry.has_login and entry.login == login:
                outcome.same += 1
            else:
                outcome.given.append((entry, row))
    outcome.taken = [
        entry
        for entry in entries
        if entry.has_login
        and entry.laboratory_id in named
        and entry.id not in met
        # A faulty row says nothing about whether its login is there.
        and not _faulty(entry, rows)
    ]
    return outcome


def _whose(
    row: LoginRow, laboratory: UUID, owner: Owner | None, entries: Sequence[KeptEntry], met: set[UUID]
) -> KeptEntry | RowError | None:
    login = row.login.lower()
    for entry in entries:
        if entry.login == login or (owner is not None and entry.person_id == owner.person_id):
            return entry
    alike = [
        entry
        for entry in entries
        if entry.laboratory_id == laboratory
        and entry.login is None
        and entry.id not in met
        and names.equal(entry.name, row.name)
    ]
    if len(alike) > 1:
        return RowError(
            row=row.row, column="", problem="这个机构有几个同名的人", example="请先登记其账号，再导入"
        )
    return alike[0] if alike else None


def _faulty(entry: KeptEntry, rows: Sequence[LoginRow]) -> bool:
    return entry.login is not None and any(row.login.lower() == entry.login for row in rows)
