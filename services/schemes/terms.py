"""On which terms a scheme runs: fees, people and roles, hours, exam, grading, review."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.rules.organisation_kinds import OrganisationKind
from services.schemes.forms import Condition
from services.schemes.parts import LATER, Key, Part, Text


class Payee(Part):
    """Where money goes (A7)."""

    name: Text
    #: Its bank, as on a transfer.
    bank: Text
    #: In quotes, so that no digit is lost.
    account_number: Text


class Fee(Part):
    """What is charged, to whom, with which transfer remark (A2, A7, B10)."""

    key: Key
    label: Text
    #: In fen: 20 yuan are 2000.
    amount_fen: int = Field(ge=0)
    #: For what it is charged: 180元/次.
    unit: str = "次"
    #: The remark a transfer must carry, word for word.
    remark: Text
    #: None: the class notice names the account.
    payee: Payee | None = None
    #: For whom it is collected, where it is passed on.
    collected_for: str = ""
    #: What must be paid before which step: `class` (training) or `sitting` (exam).
    due_before: Literal["class", "sitting"]
    when: Condition | None = None
    #: In brackets behind the amount.
    note: str = ""


class Contact(Part):
    """Whom to ask or complain to (A9)."""

    #: Shown under 帮助 and 人工, or as where to complain.
    purpose: Literal["help", "supervision"]
    name: Text
    #: As they are dialled.
    phones: tuple[str, ...] = ()
    #: Addresses of mail.
    mails: tuple[str, ...] = ()
    #: Where it is.
    address: str = ""
    #: Its page.
    web: str = ""


class RuleDocument(Part):
    """The rule that applies: cited, never paraphrased (A3)."""

    #: Its number.
    code: Text
    title: Text


class Roles(Part):
    """Who hosts, organises, issues (A8)."""

    #: What the whole is called.
    project: Text
    #: 主办单位.
    host: Text
    #: Who carries it out; where nobody is picked, people enrol there.
    organiser: Text
    #: 颁证单位, as it stands on papers.
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
    #: Its page.
    web: str = ""
    #: Its official account.
    account: str = ""


class Hours(Part):
    """Study hours (学时) and what proves them (A2, A4, B1)."""

    #: Where `practice_required` is 0: theory and practice together; else theory alone.
    required: Decimal = Field(gt=0)
    #: Hours of practice that theory does not stand for (B1, C8).
    practice_required: Annotated[Decimal, LATER, Field(ge=0)] = Decimal(0)
    #: What else counts as proof of hours.
    accepted_proofs: tuple[str, ...] = ()
    #: When classes are, as people are told.
    class_rhythm: str = ""
    #: Where people learn online.
    platform: Platform | None = None

    @property
    def total(self) -> Decimal:
        """Theory and practice together."""
        return self.required + self.practice_required


class Exam(Part):
    """How the verification is held (A5, B3)."""

    #: Online, or at a place with seats.
    form: Literal["online", "on_site"]
    #: On which days it may be held; without it on any.
    calendar_rule: Literal["last_weekend_of_quarter"] | None = None
    #: The best score there is.
    full_score: Decimal = Field(gt=0)
    #: How long it takes.
    duration_minutes: int = Field(gt=0)
    #: What candidates bring, as on the admission ticket.
    bring: tuple[str, ...] = ()
    #: Who was absent has no result yet (B2), and may book another sitting alone; false: staff release the seat first.
    again_after_absence: Annotated[bool, LATER] = True


class Band(Part):
    """One grade: reached at `minimum_percent` of the full score (B6)."""

    #: What it is called.
    grade: Text
    #: In per cent of the full score; 0 for the last.
    minimum_percent: Decimal = Field(ge=0, le=100)
    #: Whether it is a pass.
    passed: bool


class Robust(Part):
    """Parameters of `robust-v1` (`services.rules.benchmark`): what B5 leaves to the rule documents."""

    #: Where the scale has its middle.
    mean: Decimal = Field(default=Decimal(75), gt=0, lt=100)
    #: A standard deviation on the scale.
    spread: Decimal = Field(default=Decimal(10), gt=0, le=50)
    #: How many deviations below the middle the pass line lies.
    cut: Decimal = Field(default=Decimal(1), ge=0, le=5)
    #: The pass line is never lower.
    lowest_cut: Decimal = Field(default=Decimal(55), ge=0, le=100)
    #: The pass line is never higher.
    highest_cut: Decimal = Field(default=Decimal(65), ge=0, le=100)
    #: A smaller deviation counts as this.
    least_deviation: Decimal = Field(default=Decimal(1), gt=0)
    #: 良好 from here.
    good: Decimal = Field(default=Decimal(75), ge=0, le=100)
    #: And so far above the pass line.
    good_margin: Decimal = Field(default=Decimal(5), ge=0)
    #: 优秀 from here.
    excellent: Decimal = Field(default=Decimal(85), ge=0, le=100)
    #: And so far above the pass line.
    excellent_margin: Decimal = Field(default=Decimal(10), ge=0)
    #: From so many people on their own figures count alone.
    enough: int = Field(default=30, ge=2)
    #: With fewer people than this the index is provisional.
    provisional: int = Field(default=18, ge=2)
    #: The mean that stands in for people who are missing.
    prior_mean: Decimal = Field(default=Decimal(70), ge=0, le=100)
    #: Their deviation.
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

    #: By shares of the full score, or by standard scores against a benchmark index.
    method: Literal["bands", "robust-v1"]
    #: The grades, best first, for `bands`.
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

    #: Which year.
    year: int = Field(ge=2000, le=2100)
    #: 1 to 12.
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(min_length=1)
    statement: Text
    #: What is unclear in the source: shown, and decided by nobody here.
    remark: str = ""


class AuthorisedFor(Part):
    """The occupation and level that this scheme is, for which only authorised organisations enrol and train (C2, C3)."""

    #: Which occupation, as authorisations name it.
    occupation: Key
    #: What it is called.
    occupation_label: Text
    #: Which level, as authorisations name it.
    level: Key
    #: What it is called.
    level_label: Text
    #: Kind of organisation that authorises, and issues for those whom it authorised (C10).
    by: Text


class Question(Part):
    """A frequent question and its answer."""

    #: As people ask it.
    question: Text
    #: What they are told.
    answer: Text
    #: Words by which it is known besides.
    words: tuple[str, ...] = ()
