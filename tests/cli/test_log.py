"""Log lines: readable by machines, without secrets."""

import io
import json
import logging

import structlog

from gateway import log


def _lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_its_facts() -> None:
    stream = io.StringIO()
    with log.lines(stream):
        structlog.get_logger("gateway.listen").info("broker lost", broker="b1", site="s1")
    (line,) = _lines(stream)
    assert (line["event"], line["broker"], line["level"]) == ("broker lost", "b1", "info")


def test_a_librarys_line_comes_the_same_way() -> None:
    stream = io.StringIO()
    with log.lines(stream):
        logging.getLogger("some.library").warning("slow: %s s", 3)
    assert _lines(stream)[0]["event"] == "slow: 3 s"


def test_no_secret_gets_into_a_line_by_name_or_by_look() -> None:
    stream = io.StringIO()
    with log.lines(stream):
        structlog.get_logger().warning(
            "cannot reach postgresql://dabyl:hunter2@db/dabyl",
            password="hunter2",
            headers={"Authorization": "Bearer hunter2"},
            why="key dabyl_hunter2hunter2hunter2 or whsec_hunter2 is wrong",
        )
    assert "hunter2" not in stream.getvalue()
    assert "postgresql://db/dabyl" in stream.getvalue()


def test_a_secret_in_an_exception_is_hidden_too() -> None:
    stream = io.StringIO()
    with log.lines(stream):
        try:
            int("mqtt://user:hunter2@broker")
        except ValueError:
            structlog.get_logger().exception("connection failed")
    assert "ValueError" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
