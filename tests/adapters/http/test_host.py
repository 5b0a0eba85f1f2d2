"""Hosts: how a URL names them, and how they are found when names are slow or half of them dead."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.http import host
from adapters.http.host import Host, Url
from tests.harness import talking


@pytest.mark.parametrize(
    ("text", "target", "authority", "tls"),
    [
        ("http://centre", "/", "centre", False),
        ("https://centre/alarms?a=b&c", "/alarms?a=b&c", "centre", True),
        ("http://Centre:80/a", "/a", "centre", False),
        ("https://centre:80/a#here", "/a", "centre:80", True),
        ("http://[::1]:8080/", "/", "[::1]:8080", False),
        ("https://полиция.kz/тревога?и=1", None, "xn--h1aahle9bwd.kz", True),
        (" http://c/a b\r\nX: y ", "/a%20bX:%20y", "c", False),
    ],
)
def test_a_url_is_read_into_what_a_request_says(
    text: str, target: str | None, authority: str, *, tls: bool
) -> None:
    url = Url.read(text)
    assert (url.authority, url.tls) == (authority, tls)
    assert url.target.isascii()
    assert target is None or url.target == target


@pytest.mark.parametrize(
    "text",
    ["", "centre", "ftp://c/", "http://", "http:///a", "http://c:0x/", "http://c:70000/", "//c/"],
)
def test_a_url_that_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are urllib's in part
        Url.read(text)


Asked = list[str]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Asked]:
    """Let the name server answer with these addresses, after waiting for something."""

    def answer(*found: tuple[str, int], after: Callable[[], Awaitable[Any]] | None = None) -> Asked:
        asked: Asked = []

        async def look_up(name: str, _port: int, **_more: Any) -> list[Any]:  # noqa: ANN401
            asked.append(name)
            if after is not None:
                await after()
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", one) for one in found]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
        return asked

    return answer


async def _quiet(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_a_name_is_looked_up_once_for_all_who_wait(names: Callable[..., Asked]) -> None:
    answers = asyncio.Event()
    async with talking.listening(_quiet) as port:
        asked = names(("127.0.0.1", port), after=answers.wait)
        centre = Host("centre", port)
        waiters = [asyncio.create_task(centre.connected()) for _ in range(20)]
        await asyncio.sleep(0)
        waiters[0].cancel()  # who asked first gives up; the others still want to know
        await asyncio.sleep(0)
        answers.set()
        results = await asyncio.gather(*waiters, return_exceptions=True)
        stand = [one for one in results if isinstance(one, socket.socket)]
        for one in [*stand, await centre.connected()]:
            one.close()
    assert (asked, len(stand)) == (["centre"], 19)


async def test_a_name_is_looked_up_again_when_it_is_old(
    names: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "FRESH_S", 0.0)
    async with talking.listening(_quiet) as port:
        asked = names(("127.0.0.1", port))
        centre = Host("centre", port)
        for _ in range(2):
            (await centre.connected()).close()
    assert len(asked) == 2


async def test_an_address_at_which_nobody_answers_is_not_believed_again(
    names: Callable[..., Asked],
) -> None:
    async with talking.listening(_quiet) as port:
        names(("127.0.0.2", port))
        centre = Host("centre", port)
        with pytest.raises(OSError, match=r"refused|failed"):
            await centre.connected()
        names(("127.0.0.1", port))
        (await centre.connected()).close()


async def test_the_next_address_is_tried_where_the_first_is_dead(
    names: Callable[..., Asked],
) -> None:
    async with talking.listening(_quiet) as port:
        names(("127.0.0.2", port), ("127.0.0.1", port))
        stands = await Host("centre", port).connected()
        assert stands.getpeername() == ("127.0.0.1", port)
        stands.close()


async def test_an_address_is_asked_of_no_name_server(names: Callable[..., Asked]) -> None:
    async with talking.listening(_quiet) as port:
        asked = names(("127.0.0.2", port))
        (await Host("127.0.0.1", port).connected()).close()
    assert asked == []


async def test_a_name_that_nobody_knows_is_told_and_asked_for_again() -> None:
    centre = Host("nowhere.invalid", 80)
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            await centre.connected()
