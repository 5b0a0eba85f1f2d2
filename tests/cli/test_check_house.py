"""`dabyl check` on this machine: secrets, certificates, the clock, the disk, the pages."""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest

from gateway import settings
from gateway.cli.checks import certificates, clock, disk, house
from gateway.cli.checks.finding import Finding, Verdict
from gateway.settings import Settings
from gateway.store.soundness import Extent
from tests.cli.shell import Shell
from tests.harness.certificates import Authority

_MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:25 / /run rw,nosuid shared:5 - tmpfs tmpfs rw,size=1000k
31 22 0:44 / /srv/our\\040share rw shared:9 - nfs4 nas:/x rw
32 22 0:45 / /srv/sshfs rw shared:9 - fuse.sshfs nas:/x rw
33 22 0:46 / /box rw - overlay overlay rw
34 33 254:2 / /box/volume rw - xfs /dev/vdb rw
"""


def _settings(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "dabyl.toml"
    file.write_text(f'[installation]\nid = "test"\n{text}')
    return settings.load(file, {})


def _wrong(found: list[Finding]) -> list[str]:
    return [one.what for one in found if one.verdict is Verdict.WRONG]


@pytest.mark.parametrize(
    ("file", "kind", "verdict"),
    [
        ("/var/lib/dabyl/dabyl.db", "ext4", Verdict.OK),
        ("/run/dabyl/dabyl.db", "tmpfs", Verdict.WRONG),
        ("/srv/our share/dabyl.db", "nfs4", Verdict.WRONG),
        ("/srv/sshfs/dabyl.db", "fuse.sshfs", Verdict.WRONG),
        ("/box/dabyl.db", "overlay", Verdict.WRONG),
        ("/box/volume/dabyl.db", "xfs", Verdict.OK),
    ],
)
def test_a_database_on_a_disk_that_does_not_last_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, kind: str, verdict: Verdict
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(_MOUNTS)
    assert disk.filesystem(Path(file), mounts) == kind
    monkeypatch.setattr(disk, "filesystem", lambda _: kind)
    assert next(disk.all_of(tmp_path / "dabyl.db", None)).verdict is verdict


@pytest.mark.parametrize(
    ("size_bytes", "verdict"),
    [(10**6, Verdict.OK), (10**15, Verdict.WRONG)],
    ids=["slow", "faster than the disk is large"],
)
def test_a_disk_that_will_not_last_a_long_weekend_is_wrong(
    tmp_path: Path, size_bytes: int, verdict: Verdict
) -> None:
    extent = Extent(size_bytes=size_bytes, span=timedelta(days=30))
    room = list(disk.all_of(tmp_path / "dabyl.db", extent))[-1]
    assert room.verdict is verdict
    assert "GB free, enough for" in room.why


def test_a_postgresql_is_looked_at_as_closely(shell: Shell, database_url: str) -> None:
    database = f'[database]\nurl = "{database_url}"\n[gateway]\nname = "g7"\n'
    shell.write("dabyl.toml", f'[installation]\nid = "test"\n{database}')
    assert "weak   database: empty yet" in shell.run("check").out
    assert shell.run("migrate").code == 0
    said = shell.run("check").out
    assert "ok     database: postgresql, revision" in said
    assert "WRONG  durability: fsync, full_page_writes:" in said  # off, so that tests are quick
    assert "ok     database clock: agrees with ours" in said
    assert "ok     database size: 0.0" in said


def test_a_postgresql_that_does_not_answer_is_told_once_and_the_rest_is_looked_at(
    shell: Shell,
) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    database = f'[database]\nurl = "{url}"\n[gateway]\nname = "g7"\n'
    shell.write("dabyl.toml", f'[installation]\nid = "test"\n{database}')
    said = shell.run("check").out
    assert "WRONG  database: the database cannot be used" in said
    assert "WRONG  brokers: no [[broker]]" in said


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [(timedelta(days=400), Verdict.OK), (timedelta(days=29), Verdict.WEAK)],
    ids=["long", "soon"],
)
def test_a_certificate_that_ends_soon_is_weak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: timedelta, verdict: Verdict
) -> None:
    monkeypatch.setattr("tests.harness.certificates._LIFE", ends)
    authority = Authority(tmp_path, "site-ca")
    text = f'[[broker]]\nurl = "mqtts://b"\nca_file = "{authority.certificate}"\n'
    (found,) = certificates.all_of(_settings(tmp_path, text))
    assert found.verdict is verdict
    assert f"{datetime.now(UTC) + ends:%Y-%m-%d}" in found.why


def test_a_certificate_that_ended_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path, "site-ca")

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            assert tz is UTC
            return cls.fromtimestamp((datetime.now(UTC) + timedelta(days=2)).timestamp(), tz)

    monkeypatch.setattr(certificates, "datetime", Later)
    text = f'[[broker]]\nurl = "mqtts://b"\nca_file = "{authority.certificate}"\n'
    assert _wrong(list(certificates.all_of(_settings(tmp_path, text))))


def test_a_file_without_a_certificate_is_wrong(tmp_path: Path) -> None:
    text = '[[broker]]\nurl = "mqtts://b"\nca_file = "dabyl.toml"\ncert_file = "none.crt"\n'
    assert len(_wrong(list(certificates.all_of(_settings(tmp_path, text))))) == 2


def test_a_secret_that_anybody_here_can_read_is_wrong(shell: Shell) -> None:
    secret = Path(shell.write("centre.secret", "whsec_b2xkIHNlY3JldA=="))
    secret.chmod(0o644)
    assert f"WRONG  secret receiver centre: secret_file: {secret}" in shell.run("check").out
    secret.chmod(0o640)
    assert "secret receiver centre" not in shell.run("check").out


@pytest.mark.parametrize(
    ("answer", "verdict", "says"),
    [
        ((0, 0.02), Verdict.OK, "within 20 ms"),
        ((5, 16.0), Verdict.WEAK, "no time server"),
        ((0, 3.0), Verdict.WEAK, "3.0 s off"),
        (None, Verdict.WEAK, "does not say"),
    ],
    ids=["kept", "not kept", "kept badly", "silent"],
)
def test_a_clock_that_no_time_server_keeps_is_weak(
    answer: tuple[int, float] | None, verdict: Verdict, says: str
) -> None:
    found = clock.kept(lambda: answer)
    assert found.verdict is verdict
    assert says in found.why


def test_the_kernel_says_how_its_clock_is() -> None:
    answer = clock.adjtimex()
    assert answer is not None
    assert 0 <= answer[0] <= 5
    assert 0 <= answer[1] < 1_000


def test_old_zone_data_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _settings(tmp_path, "")
    assert "time zone" not in [one.what for one in clock.all_of(found)]
    monkeypatch.setattr(clock, "KNOWN_OFFSETS", {"Asia/Almaty": timedelta(hours=6)})
    assert "time zone" in [one.what for one in clock.all_of(found)]


@pytest.mark.parametrize(
    ("http", "says"),
    [
        (
            'listen = "0.0.0.0:80"\nbehind_proxy = true\npublic_url = "https://x"',
            ["past the proxy", "http.proxies names no other machine"],
        ),
        (
            (
                'listen = "10.0.0.1:80"\nbehind_proxy = true\npublic_url = "https://x"\n'
                'proxies = ["10.0.0.5"]'
            ),
            ["past the proxy"],
        ),
        ('[oidc]\nissuer = "https://id"\nclient_id = "dabyl"', ["its way back is http://127"]),
        ('behind_proxy = true\npublic_url = "https://x"', []),
        ("behind_proxy = true", ["no public_url"]),
        ('listen = "127.0.0.1:80"', []),
    ],
    ids=[
        "open behind a proxy",
        "behind one with a name",
        "elsewhere",
        "closed behind a proxy",
        "no links",
        "at home",
    ],
)
def test_plain_pages_past_a_proxy_are_weak(tmp_path: Path, http: str, says: list[str]) -> None:
    found = list(house.pages(_settings(tmp_path, f"[http]\n{http}\n")))
    assert [one.verdict for one in found] == [Verdict.WEAK] * len(says)
    assert all(text in one.why for text, one in zip(says, found, strict=True))


def test_the_id_of_an_example_is_told_before_it_is_in_every_alarm(tmp_path: Path) -> None:
    text = '[installation]\nid = "my-region"\n'
    (tmp_path / "dabyl.toml").write_text(text)
    (found,) = house.names(settings.load(tmp_path / "dabyl.toml", {}))
    assert found.verdict is Verdict.WEAK
