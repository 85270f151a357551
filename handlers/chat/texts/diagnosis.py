"""What is said of knowledge areas (B11)."""

from services.diagnosis.service import PersonalDiagnosis
from services.rules.diagnosis import AreaProfile, Strength
from services.rules.localtime import local_days
from services.rules.next_step import hours

_WORDS = {Strength.STRONG: "　强项", Strength.EVEN: "", Strength.WEAK: "　待加强"}
_MOST_TRAININGS = 2
#: A reply holds so much; the weakest come first.
_MOST_WEAK = 4


def nothing() -> str:
    """No result by area."""
    return (
        "还没有分领域的成绩。成绩公布后，组织方登记了各领域得分的，这里会显示您的强项、待加强的领域和培训建议。"
        "\n回复 成绩 查看成绩。"
    )


def told(found: PersonalDiagnosis) -> str:
    """Every area, then what to take for the weak ones, the weakest first."""
    lines = [f"【{found.scheme}】能力诊断　{found.grade}"]
    lines += [_area(area) for area in found.areas]
    if found.people:
        lines.append(f"（平均为本场 {found.people} 人的平均）")
    if weak := found.weak:
        lines.append("\n建议先加强：")
        lines += [
            f"{area.label}：{'；'.join(area.trainings[:_MOST_TRAININGS])}" for area in weak[:_MOST_WEAK]
        ]
    else:
        lines.append("\n各领域都没有明显的短板，请保持学习。")
    if found.classes:
        lines.append("\n正在招生的培训班：")
        lines += [f"· {one.title}（{local_days(one.starts_on, one.ends_on)}）" for one in found.classes]
        lines.append("要参加请回复 报名。")
    return "\n".join(lines)


def _area(area: AreaProfile) -> str:
    mean = f"，平均 {hours(area.mean)}%" if area.mean is not None else ""
    return (
        f"{area.label} {hours(area.score)}/{hours(area.full)}（{hours(area.percent)}%{mean}）"
        f"{_WORDS[area.strength]}"
    )
