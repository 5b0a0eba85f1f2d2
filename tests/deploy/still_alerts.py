"""What the alerts on stills see in calm, in trouble and after it."""

from tests.deploy.case import Case, rising

CASES: dict[str, list[Case]] = {
    "StillsMissing": [
        Case(
            series={
                'dabyl_evidence_total{result="kept"}': "0+0.25x799",
                'dabyl_evidence_total{result="timed_out"}': rising("1"),
            },
            within="300s",
            over_within="25m",
        )
    ],
    "StillsNoRoom": [
        Case(
            series={'dabyl_evidence_total{result="no_room"}': rising("1")},
            within="30s",
            over_within="11m",
        )
    ],
}
