"""Logging: one line an event on stderr, JSON where nobody watches; openids only hashed, secrets never."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Set up structlog for this process; plain words on a terminal, JSON elsewhere."""
    human = sys.stderr.isatty()
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(logging.INFO, getattr(logging, level.upper())), stream=sys.stderr)
    for noisy in ("apscheduler", "procrastinate", "aiohttp.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
