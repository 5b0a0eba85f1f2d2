"""The media services, old and new: which pictures there are, and where a still of each is."""

from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from adapters.devices.onvif import element, soap
from adapters.devices.onvif.calls.namespace import Namespace
from adapters.devices.onvif.element import Element

PROFILES_LIMIT: Final = 256
"""A recorder for 64 cameras has three of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One picture stream."""

    token: str
    name: str
    source: str
    """The token of its video source: what tells the channels of a recorder apart."""
    encoding: str
    width: int | None
    height: int | None


def get_profiles() -> bytes:
    """Ask for its profiles (media)."""
    return b'<trt:GetProfiles xmlns:trt="%b"/>' % Namespace.MEDIA.encode()


def get_profiles_2() -> bytes:
    """Ask for its profiles (media2)."""
    return (
        b'<tr2:GetProfiles xmlns:tr2="%b"><tr2:Type>VideoSource</tr2:Type>'
        b"<tr2:Type>VideoEncoder</tr2:Type></tr2:GetProfiles>" % Namespace.MEDIA2.encode()
    )


def profiles(answer: Element) -> tuple[Profile, ...]:
    """Read its profiles, of either service; those without a token are left out, at most 256."""
    soap.expect(answer, "GetProfilesResponse")
    found = [_profile(one) for one in element.children(answer, "Profiles")]
    return tuple(one for one in found if one.token)[:PROFILES_LIMIT]


def get_snapshot_uri(profile: str) -> bytes:
    """Ask where a still of a profile is (media)."""
    return _snapshot(b"trt", Namespace.MEDIA, profile)


def get_snapshot_uri_2(profile: str) -> bytes:
    """Ask where a still of a profile is (media2)."""
    return _snapshot(b"tr2", Namespace.MEDIA2, profile)


def snapshot_uri(answer: Element) -> str:
    """Read where a still is, of either service, as it wrote it; empty where it has none."""
    soap.expect(answer, "GetSnapshotUriResponse")
    return element.text(answer, "MediaUri", "Uri") or element.text(answer, "Uri")


def _snapshot(prefix: bytes, namespace: Namespace, profile: str) -> bytes:
    token = b"<%b:ProfileToken>%b</%b:ProfileToken>" % (prefix, escape(profile).encode(), prefix)
    called = prefix + b":GetSnapshotUri"
    return b'<%b xmlns:%b="%b">%b</%b>' % (called, prefix, namespace.encode(), token, called)


def _profile(one: Element) -> Profile:
    inside = element.child(one, "Configurations")
    encoder = element.child(one, "VideoEncoderConfiguration")
    source = element.child(one, "VideoSourceConfiguration")
    if inside is not None:
        encoder = element.child(inside, "VideoEncoder")
        source = element.child(inside, "VideoSource")
    size = element.child(encoder, "Resolution")
    return Profile(
        token=element.attribute(one, "token"),
        name=element.text(one, "Name"),
        source=element.text(source, "SourceToken"),
        encoding=element.text(encoder, "Encoding"),
        width=element.number(element.text(size, "Width")),
        height=element.number(element.text(size, "Height")),
    )
