"""What staff tried and their organisation is not authorised for, kept after the refusal (C3)."""

from aiohttp import web

from handlers.console.context import SIGNED_IN, tools
from services.authorisation import attempts


async def note(request: web.Request, error: Exception) -> None:
    """Keep a refused attempt; anything else, or nobody signed in, is left alone."""
    if (found := request.get(SIGNED_IN)) is not None:
        await attempts.note(tools(request), found.actor, error)
