"""`dabyl device`: what is shown of a device, in a person's words."""

from gateway.domain.site import SiteId
from gateway.store import device_states
from gateway.store.device_states import DeviceState
from tests.cli.shell import AT, Shell
from tests.siteplan.files import GATE, text

CAMERA = "s1,Мектеп,Школа,School,Talgar,Абай 1,43.25,76.95,c-1,camera,Кіреберіс,10.0.0.9,80,"


def _imported(shell: Shell) -> None:
    assert (
        shell.run("site", "import", shell.write("s.csv", text(GATE, CAMERA)), "--apply").code == 0
    )


def test_what_a_device_said_is_shown_in_words(shell: Shell) -> None:
    _imported(shell)
    said = {"battery": 100, "mains": True, "model": "x" * 300}
    state = DeviceState(device="b-1", heard_at=AT, link="a", said=said)
    shell.store(lambda connection: device_states.save(connection, [state], "g1", AT))
    shown = shell.run("device", "show", "b-1").out
    lines = {" ".join(line.split()) for line in shown.splitlines()}
    assert {"says battery 100", "says mains yes", f"says model {'x' * 200}", "open alarms"} <= lines


def test_a_camera_of_a_silent_school_is_no_more_silent_than_before(shell: Shell) -> None:
    _imported(shell)
    shell.raise_alarm("a" * 32, kind="site.silent", site=SiteId("s1"))
    rows = shell.run("device", "list", "--json").json
    assert isinstance(rows, list)
    assert [(one["id"], one["state"], one["why"]) for one in rows] == [
        ("b-1", "silent", "with_its_site"),
        ("c-1", "unknown", "not_supervised"),
    ]
