"""Debian's systemd, booted in namespaces of its own, on a copy of this machine that vanishes.

The root is an overlay over this machine's, in memory; the network is a loopback alone. Whatever is
installed, started or killed in there is gone at the end.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import programs, servers, waiting

_TARGET = "[Unit]\nWants=dbus.socket systemd-journald.service\n"
_UP_WITHIN_S = 20.0
_INNER = """
set -eu
mount -t tmpfs -o size=2g tmpfs "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
for place in run tmp dev; do mount -t tmpfs -o mode=1777 tmpfs $place; done
chmod 755 run dev
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm old srv/python srv/code srv/packages
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t cgroup2 none sys/fs/cgroup
mount --bind "$2" srv/python
mount --bind "$3" srv/code
mount --bind "$4" srv/packages
printf '%s' "$5" > etc/systemd/system/test.target
ip link set lo up
pivot_root . old
cd /
umount -l /old
mount --make-rshared /
export container=other
exec /lib/systemd/systemd --unit=test.target --log-target=console --show-status=0
"""
_COMMAND = f"""#!/bin/sh
LD_LIBRARY_PATH=/srv/python/lib PYTHONPATH=/srv/code:/srv/packages PYTHONDONTWRITEBYTECODE=1 \\
exec /srv/python/bin/python{sys.version_info.major}.{sys.version_info.minor} \\
    -c 'from gateway.cli import main; main()' "$@"
"""


class Booted:
    """A booted machine. Our code and packages are in /srv, and `/srv/venv/bin/dabyl` runs them."""

    def __init__(self, folder: Path, *, code: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can boot a systemd in namespaces")
        for program in ("unshare", "nsenter", "systemd-run", "dbus-daemon"):
            programs.find(program)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._group = _own_group() / f"dabyl-test-{os.getpid()}"
        (folder / "machine").mkdir()
        packages = Path(pytest.__file__).parents[1]
        given = [folder / "machine", Path(sys.base_prefix), code, packages]
        enter = f'echo $$ > "{self._group}/cgroup.procs"; exec unshare "$@"'
        apart = ["--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup"]
        held = ["--fork", "--kill-child", "--propagation=private"]
        boot = ["sh", "-c", _INNER, "boot", *map(str, given), _TARGET]
        command = ["sh", "-c", enter, "enter", *held, *apart, *boot]
        self._server = servers.Server(command, log=folder / "machine.log", cwd=folder)

    def run(self, *command: str, within_s: float = 60.0) -> tuple[int, str]:
        """Run a command in there; its exit code, and all that it said."""
        done = subprocess.run(
            ["nsenter", "-t", self._inside(), "-m", "-p", "-u", "-i", "-n", "-C", *command],
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within_s,
            check=False,
        )
        return done.returncode, done.stdout.decode(errors="replace")

    def said(self, *command: str, within_s: float = 60.0) -> str:
        """What a command said that must not fail."""
        code, said = self.run(*command, within_s=within_s)
        assert code == 0, f"{command} ended with {code}: {said}"
        return said

    def typed(self, block: str, within_s: float = 60.0) -> str:
        """What a block of commands said, typed as root; the first that fails ends it."""
        return self.said("bash", "-e", "-c", block, within_s=within_s)

    async def start(self) -> None:
        """Boot it."""
        self._group.mkdir()
        self._server.start()
        try:
            await waiting.until(self._up_or_dead, within_s=_UP_WITHIN_S, what="systemd is up")
        except waiting.NotInTimeError as error:
            await self.end()
            raise servers.DidNotStartError("systemd", self._server.log()) from error
        if not self._server.alive():
            said = self._server.log()
            await self.end()
            pytest.skip(f"no systemd can be booted here: {said[-300:].strip()}")
        self.typed(f"mkdir -p /srv/venv/bin; cat > /srv/venv/bin/dabyl <<'END'\n{_COMMAND}END")
        self.said("chmod", "755", "/srv/venv/bin/dabyl")

    async def end(self) -> None:
        """Let it vanish, with all that runs in it."""
        self._server.end(signal.SIGKILL)
        await waiting.until(self._is_gone, what="its control groups are gone")

    def _is_gone(self) -> bool:
        """Whether nothing runs in its control groups, so that they could be removed."""
        with contextlib.suppress(OSError):
            for folder, _, _ in [*os.walk(self._group)][::-1]:
                Path(folder).rmdir()
        return not self._group.exists()

    def _inside(self) -> str:
        """The id out here of the first process in there."""
        outer = self._server.pid
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text(encoding="ascii")
        return children.split()[0] if children.strip() else str(outer)

    def _up_or_dead(self) -> bool:
        if not self._server.alive():
            return True
        with contextlib.suppress(OSError, ValueError):
            return self.run("systemctl", "is-active", "--quiet", "dbus.socket")[0] == 0
        return False


def _own_group() -> Path:
    """The control group that this process is in."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    roots = [line.split()[4] for line in mounts if " - cgroup2 " in line]
    if not roots:
        pytest.skip("this machine has no cgroup2")
    groups = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    own = next(line.removeprefix("0::/") for line in groups if line.startswith("0::"))
    return Path(roots[0]) / own
