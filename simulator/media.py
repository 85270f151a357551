"""Temporary media: what the account uploads and what followers send, kept for three days."""

import secrets
from dataclasses import dataclass

from simulator.errors import ApiError

#: Seconds a temporary medium can be fetched.
LIFETIME = 3 * 24 * 3600
IMAGE_BYTES = 10 * 1024 * 1024

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF8", "image/gif", "gif"),
    (b"BM", "image/bmp", "bmp"),
)

#: Bytes allowed by kind, as the platform publishes them.
SIZE_LIMITS = {
    "image": IMAGE_BYTES,
    "voice": 2 * 1024 * 1024,
    "video": 10 * 1024 * 1024,
    "thumb": 64 * 1024,
}


@dataclass
class Medium:
    """One file; `created_at` is virtual POSIX seconds, `data` its bytes."""

    media_id: str
    kind: str
    content_type: str
    filename: str
    created_at: float
    data: bytes
    #: Material that lasts (/cgi-bin/material).
    lasting: bool = False

    def expired(self, now: float) -> bool:
        """Whether its three days are over."""
        return not self.lasting and now >= self.created_at + LIFETIME


def image_type(data: bytes) -> tuple[str, str] | None:
    """Content type and extension of an image the platform takes, by its first bytes; else None."""
    for magic, content_type, extension in _SIGNATURES:
        if data.startswith(magic):
            return content_type, extension
    return None


def admit(kind: str, data: bytes, filename: str, content_type: str, now: float) -> Medium:
    """Check and name a new medium.

    Raises:
        ApiError: 40004 unknown kind, 44001 empty, 45001 too large, 40005 an image that is none.
    """
    if kind not in SIZE_LIMITS:
        raise ApiError(40004, "invalid media type")
    if not data:
        raise ApiError(44001, "empty media data")
    if len(data) > SIZE_LIMITS[kind]:
        raise ApiError(45001, "media size out of limit")
    if kind in {"image", "thumb"}:
        found = image_type(data)
        if found is None:
            raise ApiError(40005, "invalid file type")
        content_type, extension = found
        filename = filename or f"image.{extension}"
    return Medium(
        media_id=secrets.token_urlsafe(48),
        kind=kind,
        content_type=content_type,
        filename=filename or kind,
        created_at=now,
        data=data,
    )
