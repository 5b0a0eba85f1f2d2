"""HTTP answers of cameras, however they are cut into pieces, and whatever is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import reply
from adapters.http.reply import Cut, NotHttp, Reading, Reply, TooLarge

_COUNTED = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5\r\n\r\n<a/>\n"
_CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: Chunked\r\n\r\n"
    b"2\r\n<a\r\n003;of=it\r\n/>\n\r\n0\r\nTrailer: x\r\n\r\n"
)
_CLOSED = b"HTTP/1.0 500 Error\nContent-Type: text/xml\n\n<a/>\n"


def _read(data: bytes, size: int = 10**6, limit_bytes: int = 1000) -> Reply:
    """Feed it in pieces of that size, and hang up."""
    reading = Reading(limit_bytes)
    for at in range(0, len(data), size):
        found = reading.feed(data[at : at + size])
        if found is not None:
            return found
    return reading.end()


@pytest.mark.parametrize("body", [_COUNTED, _CHUNKED, _CLOSED])
@given(size=st.integers(1, 200))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(body: bytes, size: int) -> None:
    whole = _read(body)
    assert whole.body == b"<a/>\n"
    assert _read(body, size) == whole


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\n", False),
        (b"HTTP/1.0 200 OK\r\n", False),
        (b"HTTP/1.0 200 OK\r\nconnection : keep-alive\r\n", True),
    ],
)
def test_a_connection_is_kept_where_the_camera_keeps_it(head: bytes, *, keeps: bool) -> None:
    assert _read(head + b"Content-Length: 0\r\n\r\n").keeps_open is keeps


def test_a_connection_with_more_in_it_than_the_answer_is_not_kept() -> None:
    assert not _read(_COUNTED + b"HTTP/1.1 200 OK").keeps_open
    assert not _read(_CLOSED).keeps_open


def test_a_connection_is_not_kept_where_two_say_how_long_an_answer_is() -> None:
    twice = b"Content-Length: 5\r\nContent-Length: 5, 5\r\n\r\n<a/>\n"
    with pytest.raises(NotHttp):
        _read(b"HTTP/1.1 200 OK\r\n" + twice)
    same = _read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + twice.replace(b"5, 5", b"5"))
    assert (same.body, same.keeps_open) == (b"<a/>\n", True)
    both = _read(_CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n", 1))
    assert (both.body, both.keeps_open) == (b"<a/>\n", False)


def test_a_head_may_be_as_long_as_its_reader_says() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\nContent-Length: 0\r\n\r\n"
    assert Reading(10, head_limit_bytes=30_000).feed(head) is not None


def test_an_answer_that_says_continue_first_is_read_after_it() -> None:
    assert _read(b"HTTP/1.1 100 Continue\r\n\r\n" + _COUNTED, 7).status == 200
    with pytest.raises(NotHttp):
        _read(b"HTTP/1.1 100 Continue\r\n\r\n" * 6 + _COUNTED)


def test_every_challenge_is_kept() -> None:
    answer = _read(
        b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="a"\r\nContent-Length: 0\r\n'
        b'www-authenticate: Basic realm="b"\r\n\r\n'
    )
    assert answer.challenges == ('Digest realm="a"', 'Basic realm="b"')


def test_an_answer_that_may_have_no_body_has_none() -> None:
    assert _read(b"HTTP/1.1 204 Nothing\r\nContent-Length: 5\r\n\r\n").body == b""


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"SSH-2.0-dropbear\r\n", NotHttp),
        (b"HTTP/1.1 OK\r\n\r\n", NotHttp),
        (b"HTTP/2 200\r\n\r\n", NotHttp),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000, NotHttp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", NotHttp),
        (b"HTTP/1.1 2020 OK\r\nContent-Length: 0\r\n\r\n", NotHttp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 5\r\n\r\n<a/>\n", NotHttp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5, 9\r\n\r\n<a/>\n", NotHttp),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n", NotHttp),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 2000, NotHttp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", TooLarge),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001, TooLarge),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"1f4\r\n%b\r\n" * 3 % ((b"x" * 500,) * 3),
            TooLarge,
        ),
        (b"", Cut),
        (_COUNTED[:-1], Cut),
        (_CHUNKED[:-2], Cut),
        (_CHUNKED[:60], Cut),
    ],
)
@pytest.mark.parametrize("size", [1, 10**6])
def test_what_is_no_answer_or_too_much_of_one_is_told_apart(
    data: bytes, error: type[Exception], size: int
) -> None:
    with pytest.raises(error):
        _read(data, size)


def test_a_body_in_countless_pieces_ends() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(TooLarge):
        _read(head + b"1\r\nx\r\n" * (reply.CHUNKS_LIMIT + 1), limit_bytes=10**6)


def test_hanging_up_before_a_byte_has_come_is_told_apart() -> None:
    with pytest.raises(Cut) as silent:
        _read(b"")
    with pytest.raises(Cut) as half:
        _read(b"HTTP/1.1 2")
    assert (silent.value.is_silent, half.value.is_silent) == (True, False)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_bytes_break_the_reading(data: bytes, size: int) -> None:
    for begun in (data, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data):
        try:
            _read(begun, size)
        except (NotHttp, TooLarge, Cut):
            continue


def test_a_request_bears_its_length_and_nothing_that_breaks_a_line() -> None:
    sent = reply.request("POST", "/onvif/x?y=1", "10.0.4.12:80", {"A": "b"}, b"<a/>")
    assert sent == (
        b"POST /onvif/x?y=1 HTTP/1.1\r\nHost: 10.0.4.12:80\r\nA: b\r\nContent-Length: 4\r\n\r\n<a/>"
    )
    with pytest.raises(ValueError, match="line break"):
        reply.request("GET", "/", "h", {"A": "b\r\nX: y"})
