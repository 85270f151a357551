"""Form pages 网页填表: the draft of the chat on one page, for long texts, tables and whatever else is open.

`models` is what a page shows and hands in, `page` builds it from a draft (pure), `service` opens, saves and closes it. Both
the page and the chat write the same draft through `services.enrolments`.
"""

from services.forms.models import Entry, Filled, Row, Saved, Sheet
from services.forms.service import FormService, offer

__all__ = ["Entry", "Filled", "FormService", "Row", "Saved", "Sheet", "offer"]
