"""Log lines: JSON, or colours on a terminal; no secrets in them; written by a thread apart."""

import logging
import queue
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

LINES_WAITING = 10_000
"""So many lines wait for a slow disk or pipe; what comes on top is counted, and not kept."""

_SECRET_KEY = re.compile(
    r"(password|passwd|secret|token|authorization|cookie|signature|credential|card)", re.IGNORECASE
)
_SECRET_TEXT = (
    (re.compile(r"(\w+://)[^/@\s]*@"), r"\1"),
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), "whsec_***"),
    (re.compile(r"dabyl_[A-Za-z0-9_-]{16,}"), "dabyl_***"),
    (re.compile(r"(Bearer|Basic|Digest)\s+\S+", re.IGNORECASE), r"\1 ***"),
)
_QUIET = (
    "alembic",
    "aiohttp.access",
    "aiomqtt",
    "amqtt",
    "transitions",
    "uvicorn.access",
    "asyncio",
    "passlib",
)
_HIDDEN = "***"


class _Waiting:
    """The lines between who says them and the thread that writes them; never blocks the sayer."""

    def __init__(self) -> None:
        self._lines: queue.Queue[Any] = queue.Queue(LINES_WAITING)
        self._lost = 0

    def put_nowait(self, item: Any) -> None:  # noqa: ANN401 - a record, or the listener's own end
        """Queue a line, or count it as lost."""
        try:
            if self._lost and item is not None:
                self._lines.put_nowait(_about_lost(item, self._lost))
                self._lost = 0
            self._lines.put_nowait(item)
        except queue.Full:
            self._lost += 1
            if item is None:
                self._lines.put(None, timeout=5)

    def get(self, block: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - QueueListener's call
        """The next line."""
        return self._lines.get(block)


@contextmanager
def lines(stream: TextIO | None = None, *, level: int = logging.INFO) -> Iterator[None]:
    """Write log lines to that stream (standard error) until the end of the block."""
    out = stream or sys.stderr
    waiting = _Waiting()
    handler = QueueHandler(waiting)
    handler.setFormatter(_formatter(is_terminal=out.isatty()))
    listener = QueueListener(waiting, logging.StreamHandler(out))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    structlog.configure(
        processors=[*_COMMON, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    listener.start()
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        listener.stop()


def tame() -> None:
    """Let libraries speak only of what a person must know."""
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
        logger.addFilter(_is_news)


def redacted(
    logger: Any,  # noqa: ANN401, ARG001 - structlog's signature
    method: str,  # noqa: ARG001
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """The line without secrets: by the name of a field, and by their look in any text."""
    for key, value in event.items():
        event[key] = _HIDDEN if _SECRET_KEY.search(key) and value else cleaned(value)
    return event


def cleaned(value: Any) -> Any:  # noqa: ANN401 - any fact of a log line
    """A fact without what looks like a secret."""
    match value:
        case str():
            for pattern, instead in _SECRET_TEXT:
                value = pattern.sub(instead, value)
            return value
        case Mapping():
            return {
                key: _HIDDEN if _SECRET_KEY.search(str(key)) else cleaned(one)
                for key, one in value.items()
            }
        case list() | tuple():
            return [cleaned(one) for one in value]
        case _:
            return value


def _is_news(record: logging.LogRecord) -> bool:
    """Not the traceback with which uvicorn tells that it was asked to end."""
    return not record.getMessage().rstrip().endswith("asyncio.exceptions.CancelledError")


def _about_lost(like: Any, lost: int) -> logging.LogRecord:  # noqa: ANN401 - a LogRecord
    text = f"log lines lost: {lost}"
    return logging.LogRecord(__name__, logging.WARNING, like.pathname, 0, text, None, None)


def _formatter(*, is_terminal: bool) -> structlog.stdlib.ProcessorFormatter:
    last: list[Processor]
    if is_terminal:
        last = [structlog.dev.ConsoleRenderer(pad_event_to=32)]
    else:
        last = [structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted, *last],
    )


_COMMON: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
]
