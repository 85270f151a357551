"""One-time links: what a person opens from the chat without a login, once, and in one browser.

    address = LinkService(work).give(LinkPurpose.FORM, follower_id=…, enrolment_id=…, facts={"field": "introduction"})

The page behind it asks `look` at a GET, `open` when the person presses the button, `use` for everything after that and
`close` at the end. A new use is a member of `LinkPurpose` with its path, and a page below that path.

An address that is only fetched stays as it is: WeChat and its link previews fetch what is sent. Opening takes a POST, and
binds the link to a secret that the browser has got as a cookie; from then on the address alone is worth nothing.
"""

from services.links.service import Link, LinkGoneError, LinkPurpose, LinkService, new_browser

__all__ = ["Link", "LinkGoneError", "LinkPurpose", "LinkService", "new_browser"]
