"""Addresses of cameras: only path and query are believed."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.devices.onvif import address

_BASE = "http://10.0.4.12:8080/onvif/event_service"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("http://10.0.4.12:8080/onvif/sub?Idx=0", "/onvif/sub?Idx=0"),
        ("http://192.168.1.108/onvif/sub", "/onvif/sub"),
        ("http://192.168.1.108:80:80/onvif/sub", "/onvif/sub"),
        ("https://192.168.1.108:443/onvif/sub", "/onvif/sub"),
        ("192.168.1.108:80:80/onvif/sub", "/onvif/sub"),
        ("192.168.1.108/onvif/sub", "/onvif/sub"),
        ("//elsewhere.example/onvif/sub", "/onvif/sub"),
        ("http://user:word@elsewhere.example/onvif/sub#top", "/onvif/sub"),
        ("/onvif/sub", "/onvif/sub"),
        ("sub?Idx=1", "/onvif/sub?Idx=1"),
        ("?Idx=1", "/onvif/event_service?Idx=1"),
        ("http://192.168.1.108?Idx=1", "/?Idx=1"),
        ("http://192.168.1.108", "/"),
        ("http://10.0.4.12:80\\@elsewhere.example/x", "/x"),
        ("/a b\r\nHost: elsewhere", "/a%20b%0D%0AHost:%20elsewhere"),
        ("", "/onvif/event_service"),
        ("http://www.w3.org/2005/08/addressing/anonymous", "/onvif/event_service"),
        ("urn:uuid:90c6d153", "/onvif/event_service"),
        ("file:///etc/passwd", "/onvif/event_service"),
        ("/" + "x" * 3000, "/onvif/event_service"),
    ],
)
def test_an_address_is_mended_onto_the_host_that_was_asked(said: str, path: str) -> None:
    assert address.mended(said, _BASE) == f"http://10.0.4.12:8080{path}"


def test_the_scheme_that_was_asked_stays() -> None:
    mended = address.mended("http://[fe80::1]/sub", "https://[fe80::2]:8443/onvif/device_service")
    assert mended == "https://[fe80::2]:8443/sub"


@given(st.one_of(st.text(), st.from_regex(r"(http:)?/{0,3}[a-z@:\\/\[\]#?.%0-9]*")))
def test_no_address_leads_to_another_host_or_out_of_the_line(said: str) -> None:
    mended = address.mended(said, _BASE)
    assert urlsplit(mended)[:2] == ("http", "10.0.4.12:8080")
    assert mended.isascii()
    assert not any(sign.isspace() for sign in mended)
    assert address.target(mended).startswith("/")
