"""Logging: one line an event on stderr, JSON where nobody watches; openids only hashed, secrets never.

What libraries log goes the same way: the same processors, the same form.
"""

import logging
import sys

import structlog

from bot.redaction import redact

#: Tell of every step they take.
_NOISY = ("apscheduler", "procrastinate", "aiohttp.access", "alembic", "asyncio", "psycopg.pool")


def configure(level: str) -> None:
    """Set up structlog and the standard library's logging for this process; plain words on a terminal, JSON elsewhere."""
    human = sys.stderr.isatty()
    lowest = getattr(logging, level.upper())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        # After the traceback has become text, for it may hold anything.
        redact,
    ]
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=max(logging.INFO, lowest), handlers=[handler])
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
