"""Logins: against the worked examples of the standards, and against challenges that lie."""

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.devices.onvif import digest
from adapters.devices.onvif.digest import Challenge, Digest

_OLD = 'Digest realm="cam", nonce="abc"'
_MD5 = 'Digest realm="cam", qop="auth,auth-int", algorithm=MD5, nonce="abc", opaque="o"'
_SHA = 'digest algorithm=SHA-256,realm="cam",qop=auth,nonce="def"'


def _words(header: str) -> dict[str, str]:
    assert header.startswith("Digest ")
    return {
        key: quoted or plain
        for key, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,]+))', header)
    }


def _parsed(*headers: str) -> Challenge:
    found = Challenge.parse(*headers)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_the_standard_comes_out(
    algorithm: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Source: RFC 7616, 3.9.1."""
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr(secrets, "token_hex", lambda _: cnonce)
    challenge = _parsed(
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm},'
        ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
        ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    said = Digest("Mufasa", "Circle of Life").answer("GET", "/dir/index.html", challenge)
    assert _words(said)["response"] == expected


def test_the_old_way_without_qop_is_answered_in_the_old_way() -> None:
    said = _words(Digest("u", "p").answer("POST", "/onvif/x", _parsed(_OLD)))
    who = hashlib.md5(b"u:cam:p").hexdigest()  # noqa: S324 - what the standard says
    what = hashlib.md5(b"POST:/onvif/x").hexdigest()  # noqa: S324 - likewise
    assert said["response"] == hashlib.md5(f"{who}:abc:{what}".encode()).hexdigest()  # noqa: S324
    assert "nc" not in said


def test_a_session_hashes_the_first_nonces_in() -> None:
    said = _words(Digest("u", "p").answer("GET", "/", _parsed(_MD5.replace("MD5", "MD5-sess"))))
    plain = hashlib.md5(b"u:cam:p").hexdigest()  # noqa: S324 - likewise
    session = f"{plain}:abc:{said['cnonce']}".encode()
    who = hashlib.md5(session).hexdigest()  # noqa: S324 - likewise
    what = hashlib.md5(b"GET:/").hexdigest()  # noqa: S324 - likewise
    whole = f"{who}:abc:00000001:{said['cnonce']}:auth:{what}".encode()
    assert said["response"] == hashlib.md5(whole).hexdigest()  # noqa: S324 - likewise


def test_each_use_of_a_nonce_is_counted_and_a_new_one_begins_anew() -> None:
    one = Digest("u", "p")
    counted = [_words(one.answer("GET", "/", _parsed(_MD5)))["nc"] for _ in range(3)]
    assert counted == ["00000001", "00000002", "00000003"]
    assert _words(one.answer("GET", "/", _parsed(_SHA)))["nc"] == "00000001"


def test_the_best_of_several_challenges_is_taken() -> None:
    assert _parsed(_MD5, _SHA).algorithm == "SHA-256"
    assert _parsed(f'Basic realm="cam, gate", {_OLD}, Negotiate').nonce == "abc"
    assert _parsed(f"{_SHA}, {_MD5}").nonce == "def"


@pytest.mark.parametrize(
    "header",
    [
        'Basic realm="cam"',
        "Negotiate",
        'Digest realm="cam"',
        'Digest realm="cam", nonce="a", algorithm=SHA-512-256',
        'Digest realm="cam", nonce="a", qop="auth-int"',
        "",
    ],
)
def test_a_challenge_that_we_cannot_answer_is_none(header: str) -> None:
    assert Challenge.parse(header) is None


def test_a_stale_nonce_says_so_and_quotes_are_kept() -> None:
    found = _parsed('Digest realm="a \\"b\\"", nonce="n", stale=TRUE')
    assert (found.realm, found.stale) == ('a "b"', True)
    assert 'realm="a \\"b\\""' in Digest("u", "p").answer("GET", "/", found)


def test_the_next_nonce_is_taken_from_the_answer() -> None:
    assert digest.next_nonce('nextnonce="xyz", qop=auth') == "xyz"
    assert digest.next_nonce("qop=auth") is None
    assert _parsed(_MD5).renewed("xyz").nonce == "xyz"


def test_the_password_is_not_shown_where_the_login_is() -> None:
    assert "s3cret" not in repr(Digest("u", "s3cret"))


@given(st.text())
def test_no_challenge_breaks_the_reading_or_the_line_of_the_answer(header: str) -> None:
    found = Challenge.parse(f"Digest nonce=a, realm={header}", header)
    if found is not None:
        assert Digest("u", "p").answer("GET", "/", found).isprintable()


def test_a_token_bears_one_created_in_both_places_and_the_digest_of_the_standard() -> None:
    at = datetime(2026, 11, 22, 3, 15, 42, 999_999, tzinfo=UTC)
    said = digest.security("d<b>l", "s3cret", at, nonce=b"0123456789abcdef").decode()
    assert re.findall("Created>([^<]+)<", said) == ["2026-11-22T03:15:42Z"] * 2
    assert "d&lt;b&gt;l" in said
    assert "MDEyMzQ1Njc4OWFiY2RlZg==" in said
    assert "s3cret" not in said
    proof = hashlib.sha1(b"0123456789abcdef2026-11-22T03:15:42Zs3cret").digest()  # noqa: S324
    assert base64.b64encode(proof).decode() in said
