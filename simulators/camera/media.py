"""The media services: one source, two profiles, and where the still picture is."""

from typing import Final

from simulators.camera import xmltext
from simulators.camera.quirks import Quirk
from simulators.camera.soap import Fault
from simulators.camera.visit import Visit

STILL_PATH: Final = "/onvif/snapshot"
PROFILES: Final = {"Profile_1": (1920, 1080), "Profile_2": (640, 360)}


async def get_profiles(_visit: Visit) -> str:
    """List the profiles."""
    listed = "".join(
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
        f"{_source('tt:VideoSourceConfiguration')}"
        f"{_encoder('tt:VideoEncoderConfiguration', token, size)}</trt:Profiles>"
        for token, size in PROFILES.items()
    )
    return f"<trt:GetProfilesResponse>{listed}</trt:GetProfilesResponse>"


async def get_profiles2(_visit: Visit) -> str:
    """List the profiles in Media2's way."""
    listed = "".join(
        f'<tr2:Profiles token="{token}" fixed="true"><tr2:Name>{token}</tr2:Name>'
        f"<tr2:Configurations>{_source('tr2:VideoSource')}"
        f'<tr2:VideoEncoder token="VEC_{token}"><tt:Name>VEC_{token}</tt:Name>'
        "<tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:Resolution><tt:Quality>5</tt:Quality></tr2:VideoEncoder>"
        "</tr2:Configurations></tr2:Profiles>"
        for token, (width, height) in PROFILES.items()
    )
    return f"<tr2:GetProfilesResponse>{listed}</tr2:GetProfilesResponse>"


async def get_video_sources(_visit: Visit) -> str:
    """List the one source."""
    return (
        '<trt:GetVideoSourcesResponse><trt:VideoSources token="VS_1">'
        "<tt:Framerate>25</tt:Framerate><tt:Resolution><tt:Width>1920</tt:Width>"
        "<tt:Height>1080</tt:Height></tt:Resolution>"
        "</trt:VideoSources></trt:GetVideoSourcesResponse>"
    )


async def get_snapshot_uri(visit: Visit) -> str:
    """Tell where the still is."""
    return (
        "<trt:GetSnapshotUriResponse><trt:MediaUri>"
        f"<tt:Uri>{xmltext.text(_still(visit))}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
        "</trt:MediaUri></trt:GetSnapshotUriResponse>"
    )


async def get_snapshot_uri2(visit: Visit) -> str:
    """Tell where the still is, in Media2's way."""
    return (
        "<tr2:GetSnapshotUriResponse>"
        f"<tr2:Uri>{xmltext.text(_still(visit))}</tr2:Uri></tr2:GetSnapshotUriResponse>"
    )


async def get_stream_uri(visit: Visit) -> str:
    """Tell where the live picture would be; nobody speaks RTSP there."""
    host = visit.machine.base.partition("://")[2].rpartition(":")[0]
    return (
        "<trt:GetStreamUriResponse><trt:MediaUri>"
        f"<tt:Uri>rtsp://{xmltext.text(host)}:554/{_profile(visit)}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
        "</trt:MediaUri></trt:GetStreamUriResponse>"
    )


async def get_service_capabilities(_visit: Visit) -> str:
    """Tell what the media service can do."""
    return (
        '<trt:GetServiceCapabilitiesResponse><trt:Capabilities SnapshotUri="true">'
        '<trt:ProfileCapabilities MaximumNumberOfProfiles="2"/><trt:StreamingCapabilities/>'
        "</trt:Capabilities></trt:GetServiceCapabilitiesResponse>"
    )


async def get_service_capabilities2(_visit: Visit) -> str:
    """Tell what the Media2 service can do."""
    return (
        '<tr2:GetServiceCapabilitiesResponse><tr2:Capabilities SnapshotUri="true">'
        '<tr2:ProfileCapabilities MaximumNumberOfProfiles="2"/><tr2:StreamingCapabilities/>'
        "</tr2:Capabilities></tr2:GetServiceCapabilitiesResponse>"
    )


def _still(visit: Visit) -> str:
    path = f"{STILL_PATH}?profile={_profile(visit)}"
    switches = visit.machine.switches
    if switches.on(Quirk.FOREIGN_SNAPSHOT):
        return f"http://{switches.text(Quirk.FOREIGN_SNAPSHOT, '203.0.113.9')}{path}"
    return visit.machine.address(path)


def _profile(visit: Visit) -> str:
    token = visit.asked.text("ProfileToken") or next(iter(PROFILES))
    if token not in PROFILES:
        raise Fault("ter:NoProfile", f"no profile {token[:40]}")
    return token


def _source(tag: str) -> str:
    return (
        f'<{tag} token="VSC_1"><tt:Name>VSC_1</tt:Name><tt:UseCount>2</tt:UseCount>'
        "<tt:SourceToken>VS_1</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="1920" height="1080"/></{tag}>'
    )


def _encoder(tag: str, profile: str, size: tuple[int, int]) -> str:
    width, height = size
    return (
        f'<{tag} token="VEC_{profile}"><tt:Name>VEC_{profile}</tt:Name>'
        "<tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:Resolution><tt:Quality>5</tt:Quality><tt:RateControl>"
        "<tt:FrameRateLimit>25</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        "<tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl><tt:Multicast><tt:Address>"
        "<tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        f"<tt:SessionTimeout>PT60S</tt:SessionTimeout></{tag}>"
    )
