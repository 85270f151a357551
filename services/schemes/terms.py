"""On which terms a scheme runs: fees, people and roles, hours, exam, grading, papers, review."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.rules.organisation_kinds import OrganisationKind
from services.schemes.forms import Condition
from services.schemes.parts import LATER, Key, Part, Text


class Payee(Part):
    """Where money goes (A7)."""

    name: Text
    bank: Text
    account_number: Text


class Fee(Part):
    """What is charged, to whom, with which transfer remark (A2, A7, B10)."""

    key: Key
    label: Text
    amount_fen: int = Field(ge=0)
    unit: str = "次"
    #: The remark a transfer must carry, word for word.
    remark: Text
    #: None: the class notice names the account.
    payee: Payee | None = None
    collected_for: str = ""
    #: What must be paid before which step: `class` (training) or `sitting` (exam).
    due_before: Literal["class", "sitting"]
    when: Condition | None = None
    note: str = ""


class Contact(Part):
    """Whom to ask or complain to (A9)."""

    purpose: Literal["help", "supervision"]
    name: Text
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    address: str = ""
    web: str = ""


class RuleDocument(Part):
    """The rule that applies: cited, never paraphrased (A3)."""

    code: Text
    title: Text


class Roles(Part):
    """Who hosts, organises, issues (A8)."""

    project: Text
    host: Text
    organiser: Text
    issuer: Text
    #: What the organiser is, where it is not what decides the first stage.
    organiser_kind: Annotated[OrganisationKind | Literal[""], LATER] = ""
    #: Kinds of organisation of which a person picks the one to enrol through (D7, E5); none: all enrol at the organiser.
    through: Annotated[tuple[OrganisationKind, ...], LATER] = ()
    #: How that is called: 评价机构, 检测机构.
    through_label: Annotated[str, LATER] = "报名机构"
    #: Who trains and examines: the one that a person enrols through, the one that decided last (D2: 市 its own), or the
    #: one of a kind that is responsible (D2: 省 the 高级).
    trained_by: Annotated[Literal["home", "decider"] | OrganisationKind, LATER] = "home"


class Platform(Part):
    """Where people learn and are verified."""

    name: Text
    web: str = ""
    account: str = ""


class Hours(Part):
    """Study hours (学时) and what proves them (A2, A4, B1)."""

    #: Where `practice_required` is 0: theory and practice together; else theory alone.
    required: Decimal = Field(gt=0)
    #: Hours of practice that theory does not stand for (B1, C8).
    practice_required: Annotated[Decimal, LATER, Field(ge=0)] = Decimal(0)
    accepted_proofs: tuple[str, ...] = ()
    class_rhythm: str = ""
    platform: Platform | None = None

    @property
    def total(self) -> Decimal:
        """Theory and practice together."""
        return self.required + self.practice_required


class Exam(Part):
    """How the verification is held (A5, B3)."""

    form: Literal["online", "on_site"]
    calendar_rule: Literal["last_weekend_of_quarter"] | None = None
    full_score: Decimal = Field(gt=0)
    duration_minutes: int = Field(gt=0)
    bring: tuple[str, ...] = ()
    #: Who was absent has no result yet (B2), and may book another sitting alone; false: staff release the seat first.
    again_after_absence: Annotated[bool, LATER] = True


class Band(Part):
    """One grade: reached at `minimum_percent` of the full score (B6)."""

    grade: Text
    minimum_percent: Decimal = Field(ge=0, le=100)
    passed: bool


class Robust(Part):
    """Parameters of `robust-v1` (`services.rules.benchmark`): what B5 leaves to the rule documents."""

    mean: Decimal = Field(default=Decimal(75), gt=0, lt=100)
    spread: Decimal = Field(default=Decimal(10), gt=0, le=50)
    cut: Decimal = Field(default=Decimal(1), ge=0, le=5)
    lowest_cut: Decimal = Field(default=Decimal(55), ge=0, le=100)
    highest_cut: Decimal = Field(default=Decimal(65), ge=0, le=100)
    least_deviation: Decimal = Field(default=Decimal(1), gt=0)
    good: Decimal = Field(default=Decimal(75), ge=0, le=100)
    good_margin: Decimal = Field(default=Decimal(5), ge=0)
    excellent: Decimal = Field(default=Decimal(85), ge=0, le=100)
    excellent_margin: Decimal = Field(default=Decimal(10), ge=0)
    enough: int = Field(default=30, ge=2)
    provisional: int = Field(default=18, ge=2)
    prior_mean: Decimal = Field(default=Decimal(70), ge=0, le=100)
    prior_deviation: Decimal = Field(default=Decimal(10), gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for lower, higher in (
            ("lowest_cut", "highest_cut"), ("good", "excellent"), ("good_margin", "excellent_margin"), ("provisional", "enough")
        ):  # fmt: skip
            if getattr(self, lower) > getattr(self, higher):
                raise ValueError(f"robust 的 {lower} 不能大于 {higher}")
        return self


class Grading(Part):
    """How a score becomes a grade: by bands of the full score, from best to worst, or against a benchmark index (B5)."""

    method: Literal["bands", "robust-v1"]
    bands: tuple[Band, ...] = ()
    #: For `robust-v1`.
    robust: Annotated[Robust | None, LATER] = None

    @model_validator(mode="after")
    def _fits_its_method(self) -> Self:
        if (self.method == "robust-v1") != (self.robust is not None):
            raise ValueError(
                'method = "robust-v1" 必须写 [grading.robust]（可以留空，用默认参数），其他方法不能写'
            )
        if self.method == "robust-v1" and self.bands:
            raise ValueError('method = "robust-v1" 不写 bands：等级由基准指数和标准分决定')
        if self.method == "bands" and len(self.bands) < 2:
            raise ValueError("bands 至少写两档")
        return self

    @model_validator(mode="after")
    def _best_to_worst(self) -> Self:
        if not self.bands:
            return self
        limits = [band.minimum_percent for band in self.bands]
        if limits != sorted(limits, reverse=True) or len(set(limits)) != len(limits):
            raise ValueError("bands 必须从好到差，minimum_percent 逐档降低")
        if limits[-1] != 0:
            raise ValueError("bands 的最后一档 minimum_percent 必须是 0，这样每个分数都有等级")
        return self


class CertificateKind(Part):
    """A paper that is issued: its title, its number's prefix, how long it is in force (A6)."""

    key: Key
    title: Text
    trigger: Literal["hours_met", "result_passed"]
    number_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")]
    valid_months: int | None = None
    statement: str = ""
    #: Kind of organisation that issues it; empty: the one that trained the person (C10, `Roles.trained_by`).
    issued_by: Annotated[str, LATER] = ""
    #: Digits of the number's sequence, at least.
    number_digits: Annotated[int, LATER, Field(ge=6, le=8)] = 6


class ReviewStage(Part):
    """One stage of the review chain; which kind of organisation decides it."""

    key: Key
    label: Text
    organisation_kind: OrganisationKind
    #: The stage belongs to the chain of those for whom this holds (D2, D7: 市 or 省).
    when: Annotated[Condition | None, LATER] = None
    #: Time node: within how many calendar days it decides; None: the scheme sets none.
    days: Annotated[int | None, LATER, Field(ge=1, le=365)] = None
    #: Decides only about people of its own and of organisations that stand directly under it; others go through the
    #: organisation between first (D2: 省 for 省属).
    direct: Annotated[bool, LATER] = False
    #: What its approval carries out besides (E1, E4, E5, E6): `recommend` asks that the laboratory's business is covered,
    #: `create_account` that the account is on file, `appoint` makes the appointment, `grant_login` grants the login.
    does: Annotated[Literal["", "recommend", "create_account", "appoint", "grant_login"], LATER] = ""


class ClassPlan(Part):
    """In which months classes are held, beside what the source says of it word for word (D1)."""

    year: int = Field(ge=2000, le=2100)
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(min_length=1)
    statement: Text
    #: What is unclear in the source: shown, and decided by nobody here.
    remark: str = ""


class CardRenewal(Part):
    """复核: how a card is kept in force for another term. The source names it and says nothing else (附件3)."""

    #: How it is called.
    label: Text
    #: So many days before the last day it can be renewed, and its holder is reminded.
    opens_days: int = Field(ge=1, le=730)
    reminders: tuple[int, ...] = Field(min_length=1, max_length=4)
    #: What staff look at before they renew.
    conditions: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _reminds_while_it_is_open(self) -> Self:
        if list(self.reminders) != sorted(set(self.reminders), reverse=True):
            raise ValueError("reminders 从早到晚写，每个天数一次，例如 [90, 30]")
        if not all(0 < days <= self.opens_days for days in self.reminders):
            raise ValueError("reminders 的天数应大于 0、不超过 opens_days")
        return self


class Card(Part):
    """A card with a number of its own, instead of a certificate (D7)."""

    title: Text
    #: Kind of organisation that gives the number.
    numbered_by: Text
    #: Kinds of organisation that make and hand it out: of these the one that decides the last stage of the review.
    made_by: tuple[Text, ...] = Field(min_length=1)
    #: The source leaves the number to the province: prefix, year, a sequence of so many digits, a check character.
    number_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")]
    number_digits: Annotated[int, LATER, Field(ge=6, le=8)] = 6
    #: None: without end.
    valid_months: Annotated[int | None, LATER, Field(ge=1, le=600)] = None
    #: Schemes whose cards stand or fall together when a qualification is cancelled for ever (D9).
    family: Key
    #: The field, of kind `choices`, whose values the card is for; empty: it names none.
    occupations: Annotated[str, LATER] = ""
    #: The field that says where the person works: nobody examines their own institution's people (D9).
    employer: Key
    statement: Annotated[str, LATER] = ""
    #: None: it is not renewed; who wants another term applies again.
    renewal: Annotated[CardRenewal | None, LATER] = None

    @model_validator(mode="after")
    def _ends_where_it_is_renewed(self) -> Self:
        if self.renewal is not None and self.valid_months is None:
            raise ValueError("写了 renewal 的证卡要有 valid_months")
        return self


class Appointment(Part):
    """An appointment under one number a person, for the fields applied for (E4, E5)."""

    title: Text
    #: How the number is called: 聘用号.
    number_label: Text
    #: The field, of kind `choices`, whose values are what a person is appointed for.
    covers: Key
    #: Kind of organisation that decides, at first and whenever it is evaluated again (E7).
    decided_by: Text
    #: The text field with the laboratory that a person works for: the name of an organisation of `laboratory_kind`.
    laboratory: Annotated[Key, LATER] = "laboratory"
    laboratory_kind: Annotated[Text, LATER] = "laboratory"
    #: A number is this and so many digits of a series of its own; appointments with the same prefix share the series, and
    #: a person has one number in it for ever (E5).
    number_prefix: Annotated[str, LATER, StringConstraints(pattern=r"^[A-Z0-9]{0,8}$")] = ""
    number_digits: Annotated[int, LATER, Field(ge=4, le=10)] = 6
    #: Kinds of organisation that evaluate everybody (E7); whoever stands above a laboratory evaluates its people besides.
    evaluated_by: Annotated[tuple[Text, ...], LATER] = ()
    #: What an evaluation says, best first.
    marks: Annotated[tuple[Text, ...], LATER] = ()
    #: Kinds of organisation that take requests for a login and grant it (E6).
    logins_by: Annotated[tuple[Text, ...], LATER] = ()
    #: What the systems are called in which the account is made, and into which only appointed people may log in (E1, E5).
    account_system: Annotated[str, LATER] = ""
    login_system: Annotated[str, LATER] = ""


class AuthorisedFor(Part):
    """The occupation and level that this scheme is, for which only authorised organisations enrol and train (C2, C3)."""

    occupation: Key
    occupation_label: Text
    level: Key
    level_label: Text
    #: Kind of organisation that authorises, and issues for those whom it authorised (C10).
    by: Text


class Question(Part):
    """A frequent question and its answer."""

    question: Text
    answer: Text
    words: tuple[str, ...] = ()
