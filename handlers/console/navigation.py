"""The console's main menu: its places under their headings, and whom each concerns.

A place that no scheme gives an organisation of some kind a part in is not in the menu of its staff: a city's centre has
no blacklist, an association makes no cards. Whoever types the address reads an empty list, or why it is not for them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from services.authorisation.measures import measures
from services.blacklist.access import takes_part
from services.models import StaffRole
from services.rules.partaking import part, runs, training_kinds
from services.schemes.models import Scheme

#: Whether a scheme gives organisations of a kind something to do at a place.
Concerns = Callable[[Scheme, str], bool]


@dataclass(frozen=True)
class Place:
    """One entry of the menu."""

    address: str
    word: str
    icon: str
    #: Other first parts of addresses that belong to it: `/console/laboratories/…` is a page of 聘用.
    rooms: tuple[str, ...] = ()
    #: None: it concerns everybody.
    concerns: Concerns | None = None
    #: Not for those who only look.
    for_writers: bool = False

    def holds(self, path: str) -> bool:
        """Whether a page is of this place."""
        room = path.removeprefix("/console/").partition("/")[0]
        return room in (self.address.removeprefix("/console/"), *self.rooms)


@dataclass(frozen=True)
class Group:
    """Places under a heading; the first group has none."""

    heading: str
    places: tuple[Place, ...]


def _enrols(scheme: Scheme, kind: str) -> bool:
    return kind in runs(scheme)


def _cards(scheme: Scheme, kind: str) -> bool:
    return scheme.card is not None and kind in part(scheme)


def _appointments(scheme: Scheme, kind: str) -> bool:
    return scheme.appointment is not None and kind in part(scheme)


def _fees(scheme: Scheme, kind: str) -> bool:
    return (bool(scheme.fees) or scheme.authorised_for is not None) and kind in runs(scheme)


def _classes(scheme: Scheme, kind: str) -> bool:
    return kind in training_kinds(scheme)


def _hours(scheme: Scheme, kind: str) -> bool:
    return scheme.hours is not None and kind in training_kinds(scheme)


def _sittings(scheme: Scheme, kind: str) -> bool:
    return scheme.exam is not None and kind in training_kinds(scheme)


def _exam(scheme: Scheme, kind: str) -> bool:
    return scheme.exam is not None and kind in runs(scheme)


def _diagnosis(scheme: Scheme, kind: str) -> bool:
    return scheme.diagnosis is not None and kind in runs(scheme)


def _certificates(scheme: Scheme, kind: str) -> bool:
    return (bool(scheme.certificates) or scheme.card is not None) and kind in part(scheme)


def _authorisations(_scheme: Scheme, kind: str) -> bool:
    return kind in (measures().kind, measures().by)


_GROUPS: Final = (
    Group("", (Place("/console/", "今日待办", "home", ("undelivered", "deliveries")),)),
    Group(
        "报名",
        (
            Place("/console/enrolments", "报名审核", "list", ("lists", "documents")),
            Place("/console/changes", "资料变更", "pencil"),
            Place("/console/payments", "缴费核对", "coin", concerns=_fees),
            Place("/console/blacklist", "黑名单", "alert", concerns=takes_part),
            Place("/console/broadcasts", "群发", "send", concerns=_enrols),
        ),
    ),
    Group(
        "培训考试",
        (
            Place("/console/classes", "培训班", "book", ("class-days",), _classes),
            Place("/console/hours", "学时导入", "upload", concerns=_hours),
            Place("/console/sittings", "考试场次", "calendar", concerns=_sittings),
            Place("/console/scores", "成绩导入", "upload", concerns=_sittings),
            Place("/console/appeals", "成绩申诉", "message", concerns=_exam),
            Place("/console/analysis", "分领域分析", "chart", concerns=_diagnosis),
        ),
    ),
    Group(
        "证书证卡",
        (
            Place("/console/certificates", "证书", "seal", concerns=_certificates),
            Place("/console/cards", "证卡", "card", concerns=_cards),
            Place("/console/assignments", "派遣", "draw", concerns=_cards),
        ),
    ),
    Group(
        "机构",
        (
            Place("/console/organisations", "机构", "tree"),
            Place(
                "/console/authorisations",
                "授权管理",
                "shield",
                (
                    "authorisation-requests",
                    "authorisation-members",
                    "authorisation-proposals",
                    "self-checks",
                    "result-reports",
                ),
                _authorisations,
            ),
            Place(
                "/console/appointments",
                "聘用",
                "person",
                ("laboratories", "rosters", "logins"),
                _appointments,
            ),
        ),
    ),
    Group(
        "系统",
        (
            Place("/console/retention", "保存期限", "archive", ("erasures",)),
            Place("/console/status", "运行状况", "pulse", for_writers=True),
            Place("/console/audit", "操作日志", "clock"),
        ),
    ),
)


def menu(schemes: Collection[Scheme], kind: str, role: StaffRole | None) -> tuple[Group, ...]:
    """The menu of staff in this role of an organisation of this kind; of one that no scheme names, the whole of it."""
    known = any(kind in part(scheme) for scheme in schemes)
    groups = (
        Group(
            group.heading,
            tuple(
                place
                for place in (_shown(group.places, schemes, kind) if known else group.places)
                if not place.for_writers or role is not StaffRole.VIEWER
            ),
        )
        for group in _GROUPS
    )
    return tuple(group for group in groups if group.places)


def addresses(groups: Iterable[Group]) -> frozenset[str]:
    """Where a menu leads."""
    return frozenset(place.address for group in groups for place in group.places)


def _shown(places: Iterable[Place], schemes: Collection[Scheme], kind: str) -> Iterable[Place]:
    return (
        place
        for place in places
        if place.concerns is None or any(place.concerns(scheme, kind) for scheme in schemes)
    )
