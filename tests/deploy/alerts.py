"""What each alert sees in calm, in trouble and after it: the table that promtool tries.

Series are written as promtool writes them: one value each 5 s from the start, `a+bxn` for n more.
The trouble begins at 10 minutes (the 121st value) and lasts for 20.
"""

from tests.deploy import camera_alerts, people_alerts, still_alerts
from tests.deploy.case import Case, rising, steady


def _share(kind: str, silent: int, unknown: int = 0, of: int = 100) -> dict[str, str]:
    """Devices of a kind, some of which fall silent."""
    well = of - silent - unknown
    return {
        f'dabyl_devices{{kind="{kind}",state="well"}}': steady(str(of), str(well)),
        f'dabyl_devices{{kind="{kind}",state="silent"}}': steady("0", str(silent)),
        f'dabyl_devices{{kind="{kind}",state="unknown"}}': steady("0", str(unknown)),
    }


_SLOW = 'dabyl_receipt_seconds_bucket{lane="alarm",le="%s"}'
_DAY = 86_400

CASES: dict[str, list[Case]] = {
    "GatewayDown": [Case(series={"up": steady("1", "0")}, within="20s")],
    "StoreNotTaking": [Case(series={"dabyl_store_up": steady("1", "0")}, within="5s")],
    "BrokerDisconnected": [
        Case(
            series={'dabyl_broker_connected{broker="a"}': steady("1", "0")},
            labels={"broker": "a"},
            within="15s",
        )
    ],
    "BrokerFlapping": [
        Case(
            series={'dabyl_broker_connections_total{broker="a"}': rising("0.2")},
            labels={"broker": "a"},
            within="6m",
            over_within="10m",
        )
    ],
    "CanaryOld": [
        Case(
            series={'dabyl_canary_age_seconds{broker="a"}': "5x119 5+5x239 5x239"},
            labels={"broker": "a"},
            within="80s",
        )
    ],
    "OutboxOldP0": [
        Case(
            series={'dabyl_outbox_oldest_age_seconds{priority="P0"}': "0x119 0+5x239 0x239"},
            labels={"priority": "P0"},
            within="15s",
        )
    ],
    "OutboxOldP1": [
        Case(
            series={'dabyl_outbox_oldest_age_seconds{priority="P1"}': "0x119 0+5x239 0x239"},
            labels={"priority": "P1"},
            within="130s",
        )
    ],
    "ReceiverDown": [
        Case(
            series={'dabyl_receiver_up{receiver="centre"}': steady("1", "0")},
            labels={"receiver": "centre"},
            within="5s",
        ),
        Case(
            series={'dabyl_supervision_age_seconds{receiver="centre"}': "30x119 30+5x239 30x239"},
            labels={"receiver": "centre"},
            within="60s",
        ),
    ],
    "DeadLetters": [
        Case(
            series={
                'dabyl_delivery_attempts_total{receiver="centre",result="refused"}': steady(
                    "0", "1"
                ).replace("0x239", "1x239")
            },
            labels={"receiver": "centre", "result": "refused"},
            within="10s",
            over_within="0s",
        )
    ],
    "ReceiptsUnsent": [
        Case(series={"dabyl_receipts_unsent_total": rising("1")}, within="10s", over_within="6m")
    ],
    "ReceiptsSlow": [
        Case(
            series={
                _SLOW % "0.5": "0+10x119 1190+0x239 1190+10x239",
                _SLOW % "2.5": "0+10x119 1190+10x239 3580+10x239",
                _SLOW % "+Inf": "0+10x119 1190+10x239 3580+10x239",
            },
            within="2m",
            over_within="6m",
        )
    ],
    "Backlog": [
        Case(
            series={'dabyl_lane_signals{lane="alarm"}': steady("0", "201")},
            labels={"lane": "alarm"},
            within="20s",
        ),
        Case(
            series={'dabyl_lane_signals{lane="event"}': steady("256", "4001")},
            labels={"lane": "event"},
            within="20s",
        ),
    ],
    "EmergencyWayUsed": [
        Case(
            series={'dabyl_emergency_total{result="accepted"}': "0x119 1x479"},
            labels={"result": "accepted"},
            within="10s",
            over_within="0s",
        )
    ],
    "CountMismatch": [
        Case(
            series={'dabyl_count_mismatch{hop="heard"}': steady("0", "-1")},
            labels={"hop": "heard"},
            within="65s",
        )
    ],
    "DegradedCopies": [Case(series={"dabyl_copies": steady("2", "1")}, within="5s")],
    "SupervisionStopped": [
        Case(
            series={"dabyl_supervision_looked_timestamp_seconds": "0+5x119 595x239 1800+5x239"},
            within="15s",
        )
    ],
    "DistrictSilent": [
        Case(
            series={'dabyl_troubles_open{kind="district.silent"}': steady("0", "1")},
            labels={"kind": "district.silent"},
            within="5s",
        )
    ],
    "SiteSilent": [
        Case(
            series={'dabyl_troubles_open{kind="site.silent"}': steady("0", "2")},
            labels={"kind": "site.silent"},
            within="5s",
        )
    ],
    "PressesMissing": [
        Case(
            series={'dabyl_sequence_gaps_total{result="missing"}': "0x119 1x479"},
            labels={"result": "missing"},
            within="10s",
            over_within="0s",
        )
    ],
    "StandbyAway": [Case(series={"dabyl_standbys": steady("2", "1")}, within="65s")],
    "GatewaySilent": [
        Case(
            series={'dabyl_gateways{state="silent"}': steady("0", "1")},
            labels={"state": "silent"},
            within="35s",
        )
    ],
    "DevicesSilent": [
        Case(series=_share("panic-button", 3), labels={"kind": "panic-button"}, within="65s")
    ],
    "ManyDevicesSilent": [
        Case(series=_share("turnstile", 21), labels={"kind": "turnstile"}, within="5s")
    ],
    "DevicesUnknown": [
        Case(series=_share("panic-button", 0, 6), labels={"kind": "panic-button"}, within="305s")
    ],
    "UnreadableAlarm": [
        Case(
            series={
                'dabyl_alarms_total{kind="alarm.unreadable",priority="P1",test="false"}': (
                    "0x119 1x479"
                )
            },
            labels={"kind": "alarm.unreadable", "priority": "P1", "test": "false"},
            within="10s",
            over_within="0s",
        )
    ],
    "QuarantineRate": [
        Case(
            series={'dabyl_quarantined_total{reason="not_json"}': rising("1")},
            labels={"reason": "not_json"},
            within="220s",
            over_within="6m",
        )
    ],
    "GatewayRestarts": [
        Case(
            series={"process_start_time_seconds": "1x119 2x6 3x6 4x346 4x239"},
            within="75s",
            over_within="0s",
        )
    ],
    "EventLoopSlow": [
        Case(series={"dabyl_event_loop_lag_seconds": steady("0.02", "0.3")}, within="35s")
    ],
    "MemoryHigh": [
        Case(series={"process_resident_memory_bytes": steady("1.2e8", "7.1e8")}, within="305s")
    ],
    "FilesNearlyOut": [
        Case(
            series={
                "process_open_fds": steady("22", "53000"),
                "process_max_fds": steady("65536", "65536"),
            },
            within="65s",
        )
    ],
    "DiskFillsUp": [
        Case(
            series={
                "dabyl_disk_free_bytes": "500e9x479 390e9-1e8x239 500e9x239",
                "dabyl_disk_size_bytes": "1e12x959",
            },
            begins="40m",
            within="640s",
        )
    ],
    "DiskNearlyFull": [
        Case(
            series={
                "dabyl_disk_free_bytes": steady("500e9", "49e9"),
                "dabyl_disk_size_bytes": steady("1e12", "1e12"),
            },
            within="5s",
        )
    ],
    "ClockOff": [
        Case(series={"dabyl_time_seconds": "0+5x119 603+5x239 1800+5x239"}, within="35s"),
        Case(series={"dabyl_time_seconds": "0+5x119 597+5x239 1800+5x239"}, within="35s"),
    ],
    "CertificateEndsSoon": [
        Case(
            series={
                'dabyl_certificate_expiry_timestamp_seconds{use="http"}': steady(
                    str(400 * _DAY), str(29 * _DAY)
                )
            },
            labels={"use": "http"},
            within="605s",
        )
    ],
    "CertificateEnds": [
        Case(
            series={
                'dabyl_certificate_expiry_timestamp_seconds{use="broker"}': steady(
                    str(400 * _DAY), str(2 * _DAY)
                )
            },
            labels={"use": "broker"},
            within="5s",
        )
    ],
}
CASES |= camera_alerts.CASES | people_alerts.CASES | still_alerts.CASES
"""By alert. AlertingLives has no trouble: it always fires."""
