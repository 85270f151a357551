"""What staff read who scan the code for tests of broadcasts."""


def bound(name: str) -> str:
    """Whose account this WeChat belongs to from now on."""
    return f"已把这个微信设为工作人员“{name}”的测试微信。群发前的测试会发到这里。\n不是您本人在操作？请告诉管理员。"


def gone() -> str:
    """Too late, or scanned before."""
    return "这个二维码已过期或已用过。请在管理后台“群发”里重新打开“测试发送”的二维码。"
