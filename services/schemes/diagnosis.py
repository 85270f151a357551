"""Knowledge areas of a paper, and the training that each weak one leads to (B11). The source names the cycle, not the areas."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.schemes.parts import Key, Part, Text

#: Headers of the table of scores, which an area may not be called.
_TAKEN = frozenset(
    [
        "准考证号",
        "准考证",
        "报名号",
        "报名编号",
        "姓名",
        "考生姓名",
        "成绩",
        "分数",
        "得分",
        "考试成绩",
        "状态",
        "考试状态",
        "备注",
    ]
)


class Area(Part):
    """One knowledge area: a part of the paper, a column of the table of scores."""

    key: Key
    label: Annotated[Text, Field(max_length=20)]
    #: How much of the paper's full score it is.
    full_score: Decimal = Field(gt=0)
    #: What to take when it is weak, the most fitting first.
    trainings: tuple[Annotated[Text, Field(max_length=40)], ...] = Field(min_length=1, max_length=5)


class Diagnosis(Part):
    """Into which areas a paper is divided, and from when on one is weak or strong."""

    #: Their full scores together are the paper's.
    areas: tuple[Area, ...] = Field(min_length=2, max_length=12)
    #: Shares of an area's full score, in per cent.
    weak_below: Decimal = Field(default=Decimal(60), ge=0, le=100)
    #: Share of an area's full score from which it is strong, in per cent.
    strong_from: Decimal = Field(default=Decimal(85), ge=0, le=100)
    #: So many points below everybody's mean an area is weak as well; so many above, strong.
    margin: Decimal = Field(default=Decimal(10), gt=0, le=100)
    #: Means over fewer people are not shown.
    least_people: int = Field(default=5, ge=3, le=100)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.weak_below >= self.strong_from:
            raise ValueError("diagnosis 的 weak_below 要小于 strong_from")
        for what, words in (
            ("key", [area.key for area in self.areas]),
            ("label", [area.label for area in self.areas]),
        ):
            if twice := sorted({word for word in words if words.count(word) > 1}):
                raise ValueError(f"diagnosis.areas 里有重复的 {what}：{', '.join(twice)}")
        if taken := sorted(_TAKEN & {area.label for area in self.areas}):
            raise ValueError(f"diagnosis.areas 的 label 不能用成绩表已有的列名：{', '.join(taken)}")
        return self

    @property
    def full_score(self) -> Decimal:
        """Of all areas together."""
        return sum((area.full_score for area in self.areas), Decimal(0))
