"""Wanted: which cameras are to be called, and how, by the registry and what persons approved."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.devices.onvif.settings import CameraSettings, InputSetting
from gateway.domain.site import Device, Registry, Sort
from gateway.store.camera_logins import Login, Secret

HTTP, HTTPS = 80, 443
HOLD_SHARE = 0.4
"""A pull is held for less than half of the silence that a camera is allowed: one that is well is
never late, and one pull that failed is not yet a silence."""
PUSHES = "push"
"""The word in a camera's `profile` by which it is asked to push its events as well."""
NOT_APPROVED = "not_approved"
"""Its address is not the one that a person approved."""
NOT_SEALED = "not_sealed"
"""Its login was sealed with another key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One camera that is to be called; equal to another, nothing has changed."""

    device: str
    host: str
    port: int
    tls: bool
    secret: Secret | None
    pin: str | None = None
    serial: str | None = None
    inputs: Mapping[str, InputSetting] = field(default_factory=dict)
    input_kind: str | None = None
    hold_s: float
    pushes: bool = False
    obstacle: str | None = None
    """Why it may not be called until a person has looked."""

    @property
    def login(self) -> tuple[object, ...]:
        """What a person approves: changed, everything is tried anew."""
        return (self.host, self.port, self.tls, self.secret, self.pin, self.serial, self.obstacle)

    def settings(self) -> CameraSettings:
        """As its link needs it."""
        secret = self.secret
        return CameraSettings(
            device=self.device,
            host=self.host,
            port=self.port,
            tls=self.tls,
            username=None if secret is None else secret.username,
            password=lambda: None if secret is None else secret.password,
            pin=self.pin,
            serial=self.serial,
            inputs=self.inputs,
            input_kind=self.input_kind,
            hold_s=self.hold_s,
            pushes=self.pushes,
        )


def of(registry: Registry, logins: Mapping[str, Login], hold_s: float) -> dict[str, Wanted]:
    """By device, every camera with a login."""
    found = {}
    for device, login in logins.items():
        known = registry.devices.get(device)
        if known is not None and known.sort is Sort.CAMERA:
            found[device] = _wanted(known, login, hold_s)
    return found


def port(device: Device, *, tls: bool) -> int:
    """Where it listens."""
    return device.port or (HTTPS if tls else HTTP)


def _wanted(device: Device, login: Login, hold_s: float) -> Wanted:
    is_approved = (device.host, port(device, tls=login.tls)) == (login.host, login.port)
    obstacle = NOT_SEALED if login.secret is None else None
    return Wanted(
        device=device.id,
        host=login.host,
        port=login.port,
        tls=login.tls,
        secret=login.secret,
        pin=login.pin,
        serial=login.serial,
        inputs={
            token: InputSetting(part=one.part, normally_closed=one.normally_closed)
            for token, one in device.inputs.items()
        },
        input_kind=device.input_kind,
        hold_s=min(hold_s, device.max_silence_s * HOLD_SHARE),
        pushes=PUSHES in device.profile.split(),
        obstacle=obstacle if is_approved else NOT_APPROVED,
    )
