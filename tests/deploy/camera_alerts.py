"""What the alerts on cameras see in calm, in trouble and after it."""

from tests.deploy.case import Case, rising, steady

CASES: dict[str, list[Case]] = {
    "CamerasOfSiteSilent": [
        Case(
            series={'dabyl_troubles_open{kind="site.cameras_silent"}': steady("0", "1")},
            labels={"kind": "site.cameras_silent"},
            within="5s",
        )
    ],
    "CamerasRefused": [
        Case(
            series={'dabyl_cameras{state="refused"}': steady("0", "3")},
            labels={"state": "refused"},
            within="125s",
        )
    ],
    "CamerasImpaired": [
        Case(
            series={'dabyl_troubles_open{kind="camera.clock_off"}': steady("0", "2")},
            labels={"kind": "camera.clock_off"},
            within="605s",
        )
    ],
    "CameraLinksFlap": [
        Case(
            series={
                'dabyl_camera_lives_total{reason="reset"}': rising("10"),
                'dabyl_cameras{state="heard"}': "100x599",
            },
            within="150s",
            over_within="11m",
        )
    ],
}
