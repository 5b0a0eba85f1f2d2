"""URLs, read into what a request says; what names no place is refused, and not repeated."""

import pytest

from adapters.http.url import Url


@pytest.mark.parametrize(
    ("text", "host", "authority", "tls"),
    [
        ("http://centre", "centre", "centre", False),
        ("HTTPS://centre/", "centre", "centre", True),
        ("http://Centre:80/a", "centre", "centre", False),
        ("https://centre:80/a#here", "centre", "centre:80", True),
        ("https://centre.police.kz./", "centre.police.kz.", "centre.police.kz", True),
        ("http://[::1]:8080/", "::1", "[::1]:8080", False),
        ("http://10.0.4.12:8080/", "10.0.4.12", "10.0.4.12:8080", False),
        ("http://my_centre/", "my_centre", "my_centre", False),
        ("https://полиция.kz/", "xn--h1aahle9bwd.kz", "xn--h1aahle9bwd.kz", True),
        ("https://қазпол.kz/", "xn--80aomle36c.kz", "xn--80aomle36c.kz", True),
        ("https://straße.de/", "xn--strae-oqa.de", "xn--strae-oqa.de", True),
    ],
)
def test_a_url_names_a_host(text: str, host: str, authority: str, *, tls: bool) -> None:
    url = Url.read(text)
    assert (url.host, url.authority, url.tls) == (host, authority, tls)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("http://c", "/"),
        ("http://c/alarms?a=b&c=%2F#here", "/alarms?a=b&c=%2F"),
        ("http://c?a", "/?a"),
        (" http://c/a b\r\nX: y ", "/a%20bX:%20y"),
        ("http://c/т?и", "/%D1%82?%D0%B8"),
    ],
)
def test_a_url_names_a_place_there(text: str, target: str) -> None:
    assert Url.read(text).target == target


@pytest.mark.parametrize(
    "text",
    [
        *("", "centre", "ftp://c/", "http://", "http:///a", "//c/"),
        *("http://c:0x/", "http://c:70000/", "http://c:0/", "http://[::1/", "http://[g::1]/"),
        *("http://centre..police.kz/", "http://.centre/", f"http://{'x' * 64}/", "http://.../"),
        *("http://a b/", "http://a\x00b/", "http://a\u2100b/", "http://-\u00ad/"),
    ],
)
def test_a_url_that_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"host|port|IPv6|\d|address"):
        Url.read(text)


def test_a_refusal_repeats_no_password() -> None:
    with pytest.raises(ValueError, match="host") as told:
        Url.read("http://user:secret/word@centre/")
    assert "secret" not in str(told.value)
