"""What is asked when a word fits several enrolments."""

from collections import Counter
from collections.abc import Sequence

from services.enrolments.draft import Draft

_QUESTIONS = {
    "hours": "要看哪一个的学时？",
    "payment": "要缴哪一个的费用？",
    "exam": "要看哪一个的考试？",
    "release": "要取消哪一个的考试预约？",
}


def which(topic: str, drafts: Sequence[Draft]) -> str:
    """The enrolments, numbered; with their own number where two are in the same scheme."""
    titles = Counter(draft.scheme.short_title for draft in drafts)
    lines = []
    for number, draft in enumerate(drafts, start=1):
        title = draft.scheme.short_title
        lines.append(f"{number} {title}" + (f"（报名号 {draft.number}）" if titles[title] > 1 else ""))
    return f"您报了{len(drafts)}个项目，{_QUESTIONS[topic]}回复数字：\n" + "\n".join(lines)
