"""Personal data as others may see it. All of these take valid values and never fail on others."""


def identity_number(number: str) -> str:
    """`520***********1234`: first three, last four, for the person's own chat and staff lists."""
    return _mask(number, 3, 4)


def identity_number_strictly(number: str) -> str:
    """`5****************4`: first and last only, for strangers (six and four would leave under 2,000 candidates)."""
    return _mask(number, 1, 1)


def mobile(number: str) -> str:
    """`181****0131`."""
    return _mask(number, 3, 4)


def name(full: str) -> str:
    """First and last character only: 王小明 → 王*明; of two characters the last is hidden too: 张三 → 张*."""
    return f"{full[0]}*" if len(full) == 2 else _mask(full, 1, 1)


def _mask(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        return "*" * len(text)
    return text[:first] + "*" * (len(text) - first - last) + text[-last:]
