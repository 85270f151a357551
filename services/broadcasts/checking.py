"""Whether a draft can be sent at all: what WeChat and the template messages allow."""

from typing import Final
from urllib.parse import urlsplit

from services.broadcasts.models import BroadcastKind, Content, ContentKind, Draft, Picture
from services.errors import ServiceError
from services.rules import broadcasting as rules

TITLE_LENGTH: Final = 60
TAG_LENGTH: Final = 20
PICTURE_BYTES: Final = 5 * 1024 * 1024
_PICTURES: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def check_title(title: str) -> None:
    """Staff's own name for it. Raises ServiceError `broadcast.no_title`, `broadcast.title_long` (`limit`)."""
    if not title:
        raise ServiceError("broadcast.no_title")
    if len(title) > TITLE_LENGTH:
        raise ServiceError("broadcast.title_long", limit=TITLE_LENGTH)


def check_content(draft: Draft, *, has_picture: bool) -> None:
    """What is sent.

    Raises:
        ServiceError: `broadcast.no_text`, `broadcast.text_long` (`bytes`, `limit`), `broadcast.no_picture`,
            `broadcast.article_title`, `broadcast.article_digest`, `broadcast.article_long`, `broadcast.link`,
            `broadcast.personal_text` (only texts have fields), `broadcast.short` (`limit`), `broadcast.field` (`field`).
    """
    content = draft.content
    if draft.kind is BroadcastKind.PERSONAL:
        _check_personal(content)
        return
    match content.kind:
        case ContentKind.TEXT:
            _check_text(content.text)
        case ContentKind.PICTURE:
            _need_picture(has_picture)
        case ContentKind.ARTICLE:
            _need_picture(has_picture)
            if not 1 <= len(content.title) <= rules.TITLE_LENGTH:
                raise ServiceError("broadcast.article_title", limit=rules.TITLE_LENGTH)
            if len(content.digest) > rules.DIGEST_LENGTH:
                raise ServiceError("broadcast.article_digest", limit=rules.DIGEST_LENGTH)
            if not content.text:
                raise ServiceError("broadcast.no_text")
            if len(content.text) > rules.ARTICLE_LENGTH:
                raise ServiceError("broadcast.article_long", limit=rules.ARTICLE_LENGTH)
            parts = urlsplit(content.link)
            if content.link and (parts.scheme not in ("http", "https") or not parts.netloc):
                raise ServiceError("broadcast.link")


def check_picture(picture: Picture) -> str:
    """Its media type. Raises ServiceError `broadcast.picture_kind`, `broadcast.picture_large` (`limit_mb`)."""
    if len(picture.content) > PICTURE_BYTES:
        raise ServiceError("broadcast.picture_large", limit_mb=PICTURE_BYTES // 1024 // 1024)
    for magic, kind in _PICTURES.items():
        if picture.content.startswith(magic):
            return kind
    raise ServiceError("broadcast.picture_kind")


def check_tag(tag: str) -> str:
    """A label of one to twenty characters. Raises ServiceError `broadcast.tag` (`limit`)."""
    tag = tag.strip()
    if not 1 <= len(tag) <= TAG_LENGTH:
        raise ServiceError("broadcast.tag", limit=TAG_LENGTH)
    return tag


def _check_personal(content: Content) -> None:
    if content.kind is not ContentKind.TEXT:
        raise ServiceError("broadcast.personal_text")
    _check_text(content.text)
    if not 1 <= len(content.short) <= rules.SHORT_LENGTH or "\n" in content.short:
        raise ServiceError("broadcast.short", limit=rules.SHORT_LENGTH)
    if unknown := rules.unknown_fields(content.text):
        raise ServiceError("broadcast.field", field=unknown[0], fields="、".join(rules.FIELDS))


def _check_text(text: str) -> None:
    if not text:
        raise ServiceError("broadcast.no_text")
    if (size := len(text.encode())) > rules.TEXT_BYTES:
        raise ServiceError("broadcast.text_long", bytes=size, limit=rules.TEXT_BYTES)


def _need_picture(has_picture: bool) -> None:
    if not has_picture:
        raise ServiceError("broadcast.no_picture")
