"""What the alerts on those who sit at the consoles see in calm, in trouble and after it."""

from tests.deploy.case import Case, rising, steady

CASES: dict[str, list[Case]] = {
    "DistrictsUnwatched": [
        Case(
            series={
                "dabyl_districts_unarmed": steady("0", "2"),
                'dabyl_consoles{state="armed"}': steady("3", "0"),
            },
            within="310s",
        )
    ],
    "PressesUnclaimed": [
        Case(
            series={
                'dabyl_escalations_total{priority="P0",reason="unclaimed",state="2"}': rising("1")
            },
            within="15s",
            over_within="11m",
        )
    ],
}
