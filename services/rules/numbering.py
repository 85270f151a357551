"""Numbers and tokens of certificates: the number is public and checks itself, the token is the secret of the QR."""

import re

from services.rules.errors import InvalidValueError
from services.rules.text import normalise

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHANUMERIC)}

#: Crockford's base 32: no I, L, O, U.
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CROCKFORD_READ = str.maketrans("ILO", "110")

TOKEN_BITS = 100
TOKEN_LENGTH = TOKEN_BITS // 5

_PREFIX = re.compile(r"[A-Z0-9]{2,12}")
_NUMBER = re.compile(r"[A-Z0-9]{2,12}[0-9]{10,12}[0-9A-Z]")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−_.·/]")


def format_number(prefix: str, year: int, sequence: int, digits: int = 6) -> str:
    """`prefix` + year + sequence of at least `digits` (6 to 8) + check character: `PTP2026000001` + `X`.

    Raises ValueError: a prefix that is not 2–12 of A–Z 0–9, a year not of four digits, a sequence not 1 to 99,999,999.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"prefix must be 2 to 12 of A-Z 0-9, not {prefix!r}")
    if not 1000 <= year <= 9999:
        raise ValueError(f"year must have four digits, not {year}")
    if not 1 <= sequence <= 99_999_999:
        raise ValueError(f"sequence must be 1 to 99999999, not {sequence}")
    body = f"{prefix}{year}{sequence:0{digits}d}"
    return body + check_character(body)


def check_character(body: str) -> str:
    """The ISO 7064 MOD 37-36 check character of `body` (A–Z 0–9). Raises ValueError for other characters."""
    return _ALPHANUMERIC[(1 - _product(body)) % 36]


def check(number: str) -> bool:
    """Whether a normalised number is well formed and its check character right.

    The system finds every wrong character and 629 of 630 exchanges of neighbouring characters.
    """
    return bool(_NUMBER.fullmatch(number)) and check_character(number[:-1]) == number[-1]


def normalise_number(text: str) -> str:
    """A typed number in the way it was issued: full-width, small letters, spaces and hyphens are forgiven.

    Raises:
        InvalidValueError: `certificate.empty`; `certificate.format`; `certificate.checksum`.
    """
    number = _SEPARATORS.sub("", normalise(text)).upper()
    if not number:
        raise InvalidValueError("certificate.empty")
    if not _NUMBER.fullmatch(number):
        raise InvalidValueError("certificate.format")
    if not check(number):
        raise InvalidValueError("certificate.checksum")
    return number


def encode_token(bits: int) -> str:
    """100 random bits as 20 characters of Crockford's base 32. Raises ValueError out of range."""
    if not 0 <= bits < 1 << TOKEN_BITS:
        raise ValueError("a token has 100 bits")
    return "".join(_CROCKFORD[(bits >> shift) & 31] for shift in range(TOKEN_BITS - 5, -1, -5))


def normalise_token(text: str) -> str:
    """A typed token as it was issued: small letters, full-width, spaces, hyphens; I and L are 1, O is 0.

    Raises:
        InvalidValueError: `token.format`, whatever is wrong (all wrong tokens look alike outside).
    """
    token = _SEPARATORS.sub("", normalise(text)).upper().translate(_CROCKFORD_READ)
    if len(token) != TOKEN_LENGTH or not set(token) <= set(_CROCKFORD):
        raise InvalidValueError("token.format")
    return token


def _product(body: str) -> int:
    """ISO 7064, hybrid system MOD 37-36: the product after the last character of `body`."""
    product = 36
    for character in body:
        if character not in _VALUE:
            raise ValueError("only A-Z and 0-9 can be checked")
        product = ((product + _VALUE[character]) % 36 or 36) * 2 % 37
    return product
