"""What stands in the way of an application, and what would meet it, in plain Chinese."""

from collections.abc import Mapping, Sequence

from services.rules.eligibility import Unmet
from services.schemes.models import Scheme

_SENTENCES: Mapping[str, str] = {
    "at_least": "【{subject}】须为“{needed}”或以上，您填写的是“{actual}”",
    "years_at_least": "【{subject}】须满{needed}年，您填写的是{actual}",
    "count_at_least": "【{subject}】须不少于{needed}，您填写的是{actual}",
    "characters_at_least": "【{subject}】须不少于{needed}字，您写了{actual}字",
    "is_in": "【{subject}】须为“{needed}”之一，您填写的是“{actual}”",
    "has_material": "须提交【{needed}】",
}
_UNANSWERED: Mapping[str, str] = {
    "at_least": "【{subject}】须为“{needed}”或以上",
    "years_at_least": "【{subject}】须满{needed}年",
    "count_at_least": "【{subject}】须不少于{needed}",
    "is_in": "【{subject}】须为“{needed}”之一",
}
#: Of what has at least nothing in it, so that it always says what was given.
_BEFOREHAND: Mapping[str, str] = {
    "characters_at_least": "【{subject}】须不少于{needed}字",
    "has_material": "须有【{needed}】",
}


def not_eligible(scheme: Scheme, unmet: Sequence[Unmet]) -> str:
    """Everything that is lacking: first what everybody must meet, then route by route; and what to do."""
    lines = [f"按【{scheme.short_title}】的申报条件，现在还不能提交："]
    lines += [f"· {sentence(gap)}。" for gap in unmet if not gap.route]
    routes = [route for route in scheme.routes if any(gap.route == route.key for gap in unmet)]
    if len(routes) > 1:
        lines.append("以下条件满足任意一条即可：")
    for place, route in enumerate(routes, start=1):
        number = f"{place}. " if len(routes) > 1 else ""
        gaps = "；".join(sentence(gap) for gap in unmet if gap.route == route.key)
        lines.append(f"{number}{route.label}\n　还差：{gaps}。")
    lines.append(
        "\n填错了的，回复 修改 加上项目名；条件不够的，达到后再报名。已填内容都保留。有疑问请回复 人工。"
    )
    return "\n".join(lines)


def told_early(scheme: Scheme, unmet: Sequence[Unmet]) -> str:
    """An answer has made an application impossible: said at once, in short, and the person may go on or correct it."""
    names = dict.fromkeys(
        scheme.field(key).label for gap in unmet for key in sorted(gap.keys) if scheme.has_field(key)
    )
    example = f"，例如 修改 {next(iter(names))}" if names else ""
    return (
        f"{_impossible(scheme, unmet)}\n"
        f"填错了的，回复 修改 加上项目名{example}；没有填错的，可以先接着填，符合条件以后再提交。"
    )


def told_on_page(scheme: Scheme, unmet: Sequence[Unmet]) -> str:
    """The same above a form page, where the questions are."""
    return f"{_impossible(scheme, unmet)}\n填错了的，在这一页里改正；没有填错的，可以先接着填，符合条件以后再提交。"


def _impossible(scheme: Scheme, unmet: Sequence[Unmet]) -> str:
    lines = [f"请注意：按您填写的内容，不符合【{scheme.short_title}】的申报条件。"]
    lines += [f"· {sentence(gap)}。" for gap in unmet if not gap.route]
    routes = [route for route in scheme.routes if any(gap.route == route.key for gap in unmet)]
    if len(routes) == 1:
        lines += [f"· {sentence(gap)}。" for gap in unmet if gap.route]
    elif routes:
        lines.append("须满足以下任意一条：")
        lines += [f"{place}. {route.label}" for place, route in enumerate(routes, start=1)]
    return "\n".join(lines)


def too_few(scheme: Scheme, short: Sequence[Unmet]) -> str:
    """Too few years or times for one way to apply, while another may be open."""
    labels = {route.key: route.label for route in scheme.routes}
    lines = [f"请注意：按“{labels[gap.route]}”申报，{sentence(gap)}，这一条不符合。" for gap in short]
    return "\n".join((*lines, "填错了的请修改；没有填错的，要符合其他任意一条才能提交。"))


def sentence(gap: Unmet) -> str:
    """One condition: what is needed, and what was answered."""
    if gap.code == "any_of":
        return "，或者".join(sentence(other) for other in gap.instead)
    known = _SENTENCES if gap.facts["actual"] or gap.code not in _UNANSWERED else _UNANSWERED
    return known[gap.code].format_map(dict(gap.facts))


def condition(gap: Unmet) -> str:
    """The condition as it is told before anybody answered."""
    if gap.code == "any_of":
        return "，或者".join(condition(other) for other in gap.instead)
    return {**_UNANSWERED, **_BEFOREHAND}[gap.code].format_map(dict(gap.facts))
