"""What is said to somebody who came back and looks for their enrolments (C11)."""


def invited() -> str:
    """After the welcome of somebody who was here before."""
    return "\n\n您以前在这里报过名。取消关注后，微信账号的信息已经清除；要接着用以前的报名，请回复 找回。"


def ask() -> str:
    """Which number."""
    return "请回复报名时填写的身份证号，用来核对是您本人。\n例如 52010319900101001X。不找了回复 0。"


def no_number() -> str:
    """It is none."""
    return "这不是有效的身份证号，请核对后再发：18 位，最后一位可以是 X。不找了回复 0。"


def nothing() -> str:
    """Nothing was found: which of account and number did not fit is not said."""
    return "没有找到。请核对身份证号，并用报名时的微信。\n换了微信的，请回复 人工，由工作人员核对身份后办理。"


def limited() -> str:
    """Too many wrong numbers."""
    return "核对没有通过的次数太多，请回复 人工，由工作人员核对身份后办理。"


def found(count: int) -> str:
    """They are theirs again."""
    return f"✓ 已找回 {count} 份报名，通知会重新发到这里。\n回复 进度 查看。没有提交过的草稿在取消关注后已经删除。"


def left() -> str:
    """Not now."""
    return "好的。回复 菜单 查看可以办理的事项。"
