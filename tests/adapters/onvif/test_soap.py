"""Replies of strangers: the tidy, the untidy, and those that want to do harm."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.devices.onvif import calls, element, soap
from tests.adapters.onvif.samples import sample

_REPLY = sample("pull_two_inputs.xml")
_TYPE = b'<!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
_DECLARED, _ENVELOPE = _REPLY.split(b"\n", 1)


def _why(body: bytes) -> str:
    with pytest.raises(soap.NotSoap) as caught:
        soap.parse(body)
    return caught.value.why


def test_a_call_goes_in_an_envelope_of_soap_1_2_with_its_headers_as_they_are() -> None:
    headers = (b"<q:Id xmlns:q='u'> 7 </q:Id>",)
    sent = soap.envelope(calls.synchronise(), headers=headers, security=b"<Security/>")
    assert b"<s:Header><q:Id xmlns:q='u'> 7 </q:Id><Security/></s:Header>" in sent
    assert element.name(soap.parse(sent)) == "SetSynchronizationPoint"


def test_a_call_without_headers_has_no_header() -> None:
    assert b"Header" not in soap.envelope(calls.get_services())


@pytest.mark.parametrize(
    "body",
    [
        _TYPE + _ENVELOPE,
        _DECLARED + _TYPE + _ENVELOPE,
        _DECLARED + b"<!-- <s:Envelope -->\n <?php ?>" + _TYPE + _ENVELOPE,
        b"\xef\xbb\xbf" + _TYPE + _ENVELOPE,
        b" " * 5000 + _TYPE + _ENVELOPE,
        b"<!-- never ends " + _TYPE + _ENVELOPE,
        b'<?xml version="1.0" encoding="UTF-7"?><!-- +AC0ALQA+- ' + _TYPE + b"-->" + _ENVELOPE,
    ],
)
def test_a_document_type_is_refused_wherever_it_hides(body: bytes) -> None:
    if b"UTF-7" in body:  # read as the UTF-8 that we insist on, it stands in a comment
        assert len(calls.pulled(soap.parse(body)).messages) == 2
    else:
        assert "document type" in _why(body)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_refused_before_anything_is_parsed(encoding: str) -> None:
    text = (_TYPE + _ENVELOPE).decode().encode(encoding)
    assert _why(text) == "no XML in UTF-8"


def test_no_entity_is_ever_resolved() -> None:
    bomb = _ENVELOPE.replace(b"AlarmIn_1", b"a&b;&lt;")
    item = soap.parse(_DECLARED + bomb).find(".//{*}SimpleItem")
    assert item is not None
    assert item.get("Value") == "a<"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is empty"),
        (b"   \n", "no XML in UTF-8"),
        (sample("page_not_found.html"), "no XML"),
        (b"<html><body/></html>", "its root is <html>, not an envelope"),
        (b"<s:Envelope xmlns:s='u'><s:Header/></s:Envelope>", "without a body"),
        (b"<s:Envelope xmlns:s='u'><s:Body><a><b></s:Body>", "does not end"),
        (_REPLY[:-20], "does not end"),
        (b"x" + _REPLY, "no XML in UTF-8"),
        (_REPLY + b" " * soap.LIMIT_BYTES, "longer than"),
    ],
)
def test_what_is_no_envelope_says_why(body: bytes, why: str) -> None:
    assert why in _why(body)


def test_a_reply_nested_too_deep_is_refused_whole() -> None:
    deep = b"<x>" * 300 + b"</x>" * 300
    assert "nested" in _why(_REPLY.replace(b"<tev:CurrentTime>", deep + b"<tev:CurrentTime>"))


def test_a_flood_of_small_errors_hides_nothing_behind_it() -> None:
    flood = b"<a>" + b"&x;" * 200 + b"<x>" * 300 + b"</x>" * 300 + b"</a>"
    assert "broken" in _why(_REPLY.replace(b"<tev:CurrentTime>", flood + b"<tev:CurrentTime>"))


def test_prefixes_never_declared_and_bytes_of_other_encodings_are_mended() -> None:
    pulled = calls.pulled(soap.parse(sample("pull_untidy.xml")))
    assert len(pulled.messages) == 2
    item = pulled.messages[0].find(".//{*}SimpleItem")
    assert item is not None
    assert str(item.get("Value")).startswith("Knopf  T\ufffdr")


def test_an_empty_body_stands_for_itself() -> None:
    assert element.name(soap.parse(b"<s:Envelope xmlns:s='u'><s:Body/></s:Envelope>")) == "Body"


def test_what_stands_behind_the_envelope_is_ignored() -> None:
    assert element.name(soap.parse(_REPLY + b"\r\n<junk>")) == "PullMessagesResponse"


def _fault(name: str) -> soap.Fault:
    with pytest.raises(soap.Fault) as caught:
        soap.parse(sample(name))
    return caught.value


def test_a_fault_bears_its_codes_without_prefixes_and_its_reason_on_one_line() -> None:
    fault = _fault("fault_threads.xml")
    assert (fault.code, fault.subcodes) == ("Receiver", ("Action", "BlockedThreadUpperLimit"))
    assert fault.subcode == "BlockedThreadUpperLimit"
    assert fault.reason == "blocked threads  at their upper limit"
    assert fault.says("blockedthread")
    assert not fault.says("NotAuthorized")


def test_a_fault_of_soap_1_1_is_one_as_well() -> None:
    fault = _fault("fault_soap_11.xml")
    assert fault.code == "FailedAuthentication"
    assert fault.subcode == ""
    assert "could not be authenticated" in fault.reason


def test_a_fault_says_what_it_says_in_its_detail() -> None:
    assert _fault("fault_unknown_subscription.xml").says("ResourceUnknown")


def test_the_answer_to_another_question_is_none() -> None:
    answer = soap.parse(sample("services.xml"))
    with pytest.raises(soap.NotSoap, match="instead of <PullMessagesResponse>"):
        calls.pulled(answer)


def _parsed(body: bytes) -> None:
    """Whatever it is, it ends in one of three ways."""
    try:
        answer = soap.parse(body)
    except (soap.NotSoap, soap.Fault):
        return
    assert answer.tag


@given(st.binary(max_size=400))
@example(b"<")
@example(b"<a\x00")
@example(b"<!")
def test_any_bytes_are_a_reply_a_fault_or_none(body: bytes) -> None:
    _parsed(body)


@given(st.data())
def test_a_reply_bitten_anywhere_is_a_reply_a_fault_or_none(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([_REPLY, sample("fault_threads.xml")])))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=20))
    _parsed(bytes(body))
