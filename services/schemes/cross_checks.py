"""What the parts of a scheme file must be to each other. Every check raises MisplacedError with the place and the fault."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from services.schemes import eligibility
from services.schemes.awards import Appointment, Card, CertificateKind
from services.schemes.diagnosis import Diagnosis
from services.schemes.eligibility import Requirement, Route
from services.schemes.forms import Alternatives, Condition, FieldKind, FormField, Material
from services.schemes.parts import MisplacedError
from services.schemes.standing import Blacklist, Changes
from services.schemes.terms import AuthorisedFor, Exam, ReviewStage

#: What stages carry out, in the order in which they can follow each other.
_ACTS: Final = ("recommend", "create_account", "appoint", "grant_login")


class Keyed(Protocol):
    """Whatever is called by a key."""

    @property
    def key(self) -> str: ...


def check_keys(items: Mapping[str, Sequence[Keyed]]) -> None:
    """What stands in one list is called differently."""
    for name, listed in items.items():
        keys = [item.key for item in listed]
        if len(set(keys)) != len(keys):
            twice = ", ".join(sorted({key for key in keys if keys.count(key) > 1}))
            raise MisplacedError(name, f"{name} 里有重复的 key：{twice}；每项的 key 要不同")


def check_fields(fields: Sequence[FormField]) -> Mapping[str, FormField]:
    """Each depends on earlier ones only; gives them by their keys."""
    seen: dict[str, FormField] = {}
    for item in fields:
        check_condition("fields", item.key, item.when, seen)
        check_condition("fields", item.key, item.required_when, seen, name="required_when")
        _check_rows(item, seen)
        seen[item.key] = item
    return seen


def check_condition(
    part: str, key: str, condition: Condition | None, earlier: Mapping[str, FormField], name: str = "when"
) -> None:
    """It asks for a field that stands before it, and for values that this has."""
    if condition is None:
        return
    field = earlier.get(condition.field)
    if field is None:
        raise MisplacedError(
            f'{part} "{key}".{name}.field',
            f'{key} 的 {name}.field = "{condition.field}" 不是排在它前面的字段',
        )
    unknown = set(condition.is_in) - {option.value for option in field.options}
    if field.options and unknown:
        raise MisplacedError(
            f'{part} "{key}".{name}.is_in',
            f"{key} 的 {name}.is_in 含有 {field.key} 没有的选项：{', '.join(sorted(unknown))}"
            f"（有：{'、'.join(option.value for option in field.options)}）",
        )


def check_issuers(certificates: Sequence[CertificateKind], authorised_for: AuthorisedFor | None) -> None:
    """Who issues in another's stead is known from the authorisation (C10)."""
    for kind in certificates:
        if kind.issued_by and (authorised_for is None or kind.issued_by != authorised_for.by):
            raise MisplacedError(
                f'certificates "{kind.key}".issued_by',
                f'certificates "{kind.key}" 的 issued_by = "{kind.issued_by}" 应与 authorised_for 的 by 相同',
            )
        if kind.issued_by and kind.trigger != "result_passed":
            raise MisplacedError(
                f'certificates "{kind.key}".issued_by',
                f'certificates "{kind.key}" 的 issued_by 只用于 trigger = "result_passed" 的证书',
            )


def check_card(
    card: Card | None, exam: Exam | None, review: Sequence[ReviewStage], fields: Mapping[str, FormField]
) -> None:
    """It names fields that there are, and whoever decides last is one of those that make it."""
    if card is None:
        return
    if exam is None:
        raise MisplacedError("card", "card 发给考核合格的人，要写 exam 和 grading")
    if card.employer not in fields:
        raise MisplacedError("card.employer", f'card 的 employer = "{card.employer}" 不是本方案的字段')
    if card.occupations and (
        (named := fields.get(card.occupations)) is None or named.kind is not FieldKind.CHOICES
    ):
        raise MisplacedError(
            "card.occupations", f'card 的 occupations = "{card.occupations}" 应是 kind = "choices" 的字段'
        )
    if card.occupations:
        _check_said("card.occupations", "card 的 occupations", fields[card.occupations])
    if not any(stage.organisation_kind in card.made_by for stage in review):
        raise MisplacedError(
            "card.made_by", f"card 的 made_by = {list(card.made_by)} 里没有一种机构参与 review"
        )


def check_diagnosis(diagnosis: Diagnosis | None, exam: Exam | None) -> None:
    """The areas are the whole paper."""
    if diagnosis is None:
        return
    if exam is None:
        raise MisplacedError("diagnosis", "有 diagnosis 时要写 exam 和 grading")
    if diagnosis.full_score != exam.full_score:
        raise MisplacedError(
            "diagnosis.areas",
            f"diagnosis.areas 的 full_score 合计 {diagnosis.full_score}，应等于 exam.full_score（{exam.full_score}）",
        )


def check_chain(review: Sequence[ReviewStage], fields: Mapping[str, FormField]) -> None:
    """Whatever is answered, some stage decides."""
    conditions = [stage.when for stage in review if stage.when is not None]
    if len(conditions) < len(review):
        return
    options = {option.value for option in fields[conditions[0].field].options}
    covered = {value for condition in conditions for value in condition.is_in}
    if len({condition.field for condition in conditions}) > 1 or not options or options - covered:
        raise MisplacedError(
            "review",
            "review 的每个环节都有 when 时，须用同一个字段，并包含它的全部选项，否则有人无人审核",
        )


def check_appointment(
    appointment: Appointment | None, review: Sequence[ReviewStage], fields: Mapping[str, FormField]
) -> None:
    """What it covers can be answered, and the stages carry out what leads to it, in order."""
    acts = [stage.does for stage in review if stage.does]
    if appointment is None:
        if acts:
            raise MisplacedError("appointment", f'review 里写了 does = "{acts[0]}"，却没有 appointment')
        return
    for name, key, kind in (
        ("covers", appointment.covers, FieldKind.CHOICES),
        ("laboratory", appointment.laboratory, FieldKind.TEXT),
    ):
        if (field := fields.get(key)) is None or field.kind is not kind:
            raise MisplacedError(
                f"appointment.{name}", f'appointment 的 {name} = "{key}" 应是 kind = "{kind}" 的字段'
            )
        _check_said(f"appointment.{name}", f"appointment 的 {name}", field)
    if acts != sorted(set(acts), key=_ACTS.index):
        raise MisplacedError("review", f"review 的 does 每种只能写一次，并按这个顺序：{'、'.join(_ACTS)}")
    if "appoint" not in acts:
        raise MisplacedError("review", '有 appointment 时，review 里要有一个环节写 does = "appoint"')


def check_standing(blacklist: Blacklist | None, changes: Changes | None) -> None:
    """Reasons and stages are called differently."""
    for place, items in (
        ("blacklist.reasons", blacklist.reasons if blacklist else ()),
        ("changes.review", changes.review if changes else ()),
    ):
        keys = [item.key for item in items]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise MisplacedError(place, f"{place} 里有重复的 key：{', '.join(twice)}")


def check_alternatives(alternatives: Sequence[Alternatives], materials: Sequence[Material]) -> None:
    """Each set is of materials that everybody would have to hand in, and none stands twice."""
    known = {item.key: item for item in materials}
    named: set[str] = set()
    for group in alternatives:
        place = f'alternatives "{group.key}".sets'
        for key in (key for keys in group.sets for key in keys):
            if key not in known:
                raise MisplacedError(
                    place, f'alternatives "{group.key}" 的 sets 里的 "{key}" 不是本方案的材料'
                )
            if key in named:
                raise MisplacedError(place, f'alternatives "{group.key}" 的 sets 里的 "{key}" 出现了两次')
            if not known[key].required or known[key].when is not None:
                raise MisplacedError(
                    place, f'alternatives "{group.key}" 的材料 "{key}" 不能写 required = false 或 when'
                )
            named.add(key)


def check_eligibility(
    requirements: Sequence[Requirement],
    routes: Sequence[Route],
    materials: Sequence[Material],
    scales: Mapping[str, tuple[str, ...]],
    fields: Mapping[str, FormField],
) -> None:
    """Conditions name what there is to compare."""
    places = [(f"requirements[{index}]", item) for index, item in enumerate(requirements, start=1)]
    places += [
        (f'routes "{route.key}".conditions[{index}]', item)
        for route in routes
        for index, item in enumerate(route.conditions, start=1)
    ]
    for place, requirement in places:
        for fault in eligibility.faults(
            requirement,
            fields=fields,
            materials=frozenset(item.key for item in materials),
            scales=scales,
        ):
            raise MisplacedError(place, f"{place}：{fault}")


def _check_rows(item: FormField, earlier: Mapping[str, FormField]) -> None:
    if item.rows_of is None:
        return
    place = f'fields "{item.key}".rows_of'
    if item.rows_of not in earlier:
        raise MisplacedError(place, f'{item.key} 的 rows_of = "{item.rows_of}" 不是排在它前面的字段')
    if earlier[item.rows_of].kind is not FieldKind.CHOICES:
        raise MisplacedError(place, f'{item.key} 的 rows_of = "{item.rows_of}" 应是 kind = "choices" 的字段')
    _check_said(place, f"{item.key} 的 rows_of", earlier[item.rows_of])


def _check_said(place: str, what: str, field: FormField) -> None:
    """What is kept of it is read by people as it is: in a table's rows, on a card, in an appointment."""
    for option in field.options:
        if option.value != option.label:
            raise MisplacedError(
                place,
                f'{what} = "{field.key}" 的选项会原样显示，value 应与 label 相同：'
                f'"{option.value}" 应写成 "{option.label}"',
            )


def resolve(document: Any, path: str) -> None:
    """Raises MisplacedError when `path` (dotted; list items by their key) leads nowhere."""
    here = document
    for step in path.split("."):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, tuple | list) and any(
            isinstance(i, dict) and i.get("key") == step for i in here
        ):
            here = next(i for i in here if i.get("key") == step)
        else:
            raise MisplacedError("proposed", f'proposed 里的 "{path}" 在本文件中找不到（停在 "{step}"）')
