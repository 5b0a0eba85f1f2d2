"""Every series that Dabyl exports; closed label sets, never a device, site, person or address."""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import Counter, Gauge, Histogram, generate_latest

from gateway.metrics import people
from gateway.metrics.registry import FAST, REGISTRY, SLOW

__all__ = ["REGISTRY", "exposition", "people"]

signals = Counter(
    "dabyl_signals_total",
    "Signals heard, by what became of them",
    ["kind", "result"],
    registry=REGISTRY,
)
quarantined = Counter(
    "dabyl_quarantined_total", "Signals that could not be taken", ["reason"], registry=REGISTRY
)
misplaced = Counter(
    "dabyl_misplaced_total", "Signals heard on the wrong topic", ["lane"], registry=REGISTRY
)
alarms = Counter(
    "dabyl_alarms_total", "Alarms raised", ["kind", "priority", "test"], registry=REGISTRY
)
commit_seconds = Histogram(
    "dabyl_commit_seconds",
    "One transaction of intake",
    ["lane"],
    buckets=FAST,
    registry=REGISTRY,
)
batch_signals = Histogram(
    "dabyl_batch_signals",
    "Signals in one transaction",
    ["lane"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    registry=REGISTRY,
)
receipt_seconds = Histogram(
    "dabyl_receipt_seconds", "From hearing to receipt", ["lane"], buckets=FAST, registry=REGISTRY
)
delivery_seconds = Histogram(
    "dabyl_delivery_seconds",
    "From commit to the receiver's acceptance",
    ["receiver", "priority"],
    buckets=SLOW,
    registry=REGISTRY,
)
attempts = Counter(
    "dabyl_delivery_attempts_total",
    "Attempts to deliver",
    ["receiver", "result"],
    registry=REGISTRY,
)
outbox_rows = Gauge("dabyl_outbox_rows", "Deliveries", ["state"], registry=REGISTRY)
outbox_oldest = Gauge(
    "dabyl_outbox_oldest_age_seconds",
    "Age of the oldest waiting delivery",
    ["priority"],
    registry=REGISTRY,
)
claims_lost = Counter(
    "dabyl_claims_lost_total",
    "Deliveries in hand that another gateway had taken over",
    registry=REGISTRY,
)
devices = Gauge("dabyl_devices", "Devices by state", ["kind", "state"], registry=REGISTRY)
troubles = Gauge(
    "dabyl_troubles_open",
    "Open alarms, tests left out, by kind; a panic is one too",
    ["kind"],
    registry=REGISTRY,
)
supervision_looked = Gauge(
    "dabyl_supervision_looked_timestamp_seconds",
    "When supervision last looked, in Unix time",
    registry=REGISTRY,
)
supervision_seconds = Histogram(
    "dabyl_supervision_look_seconds", "One look of supervision", buckets=FAST, registry=REGISTRY
)
supervision_slips = Counter(
    "dabyl_supervision_slips_total", "Looks of supervision that failed", registry=REGISTRY
)
gaps = Counter(
    "dabyl_sequence_gaps_total",
    "Gaps in what devices count, and what became of them",
    ["result"],
    registry=REGISTRY,
)
broker_connected = Gauge(
    "dabyl_broker_connected", "Whether both sessions stand", ["broker"], registry=REGISTRY
)
broker_lives = Counter(
    "dabyl_broker_connections_total", "Connections made", ["broker"], registry=REGISTRY
)
canary_age = Gauge(
    "dabyl_canary_age_seconds",
    "Since the canary's last press that came back receipted; since the start where none has",
    ["broker"],
    registry=REGISTRY,
)
canary_seconds = Histogram(
    "dabyl_canary_seconds",
    "From the canary's press to its receipt",
    ["broker"],
    buckets=(*FAST, 30, 60, 90),
    registry=REGISTRY,
)
receipts_unsent = Counter(
    "dabyl_receipts_unsent_total",
    "Receipts that found no way back; the device repeats",
    registry=REGISTRY,
)
receiver_state = Gauge(
    "dabyl_receiver_up", "Whether the receiver takes deliveries", ["receiver"], registry=REGISTRY
)
heard = Counter(
    "dabyl_heard_total", "Signals taken from whoever hears", ["lane"], registry=REGISTRY
)
notices = Gauge(
    "dabyl_notices",
    "Notices that this gateway ever owed a receiver, and what became of them",
    ["receiver", "state"],
    registry=REGISTRY,
)
count_mismatch = Gauge(
    "dabyl_count_mismatch",
    "By how many the counts before and behind a hop differ: 0, or something is lost",
    ["hop"],
    registry=REGISTRY,
)
store_failures = Counter(
    "dabyl_store_failures_total", "Transactions that failed", ["reason"], registry=REGISTRY
)
supervision_age = Gauge(
    "dabyl_supervision_age_seconds",
    "Since the receiver last took the supervision notice of every 30 s; since the start before",
    ["receiver"],
    registry=REGISTRY,
)
store_up = Gauge("dabyl_store_up", "Whether the store takes what is heard", registry=REGISTRY)
alarms_open = Gauge("dabyl_alarms_open", "Alarms not closed", ["priority"], registry=REGISTRY)
lane_signals = Gauge(
    "dabyl_lane_signals", "Signals heard and not yet stored", ["lane"], registry=REGISTRY
)
disk_free = Gauge(
    "dabyl_disk_free_bytes", "Room left on the disk of a SQLite store", registry=REGISTRY
)
disk_size = Gauge("dabyl_disk_size_bytes", "Size of the disk of a SQLite store", registry=REGISTRY)
certificate_end = Gauge(
    "dabyl_certificate_expiry_timestamp_seconds",
    "When the first certificate of our own files ends, by what it is for",
    ["use"],
    registry=REGISTRY,
)
time_seconds = Gauge(
    "dabyl_time_seconds", "The gateway's clock, to be held against others", registry=REGISTRY
)
emergency = Counter(
    "dabyl_emergency_total",
    "Attempts to tell of what is not stored yet, and how they ended",
    ["result"],
    registry=REGISTRY,
)
unstored = Gauge(
    "dabyl_unstored_alarms", "Alarms that were told and are not stored yet", registry=REGISTRY
)
copies = Gauge("dabyl_copies", "On how many machines a commit is confirmed now", registry=REGISTRY)
standbys = Gauge(
    "dabyl_standbys", "Standbys that confirm what the database writes", registry=REGISTRY
)
gateways = Gauge(
    "dabyl_gateways", "Gateways of this database, this one included", ["state"], registry=REGISTRY
)
duty_held = Gauge(
    "dabyl_duty_held", "Whether this gateway does what one alone does", ["kind"], registry=REGISTRY
)
cameras = Gauge(
    "dabyl_cameras",
    "Cameras whose link this gateway holds, by how the link stands; unlinked: of all cameras",
    ["state"],
    registry=REGISTRY,
)
camera_leases = Gauge(
    "dabyl_camera_leases",
    "Camera links that are this gateway's among several; 0 where it is alone",
    registry=REGISTRY,
)
camera_lives = Counter(
    "dabyl_camera_lives_total", "Lives of camera links ended, by why", ["reason"], registry=REGISTRY
)
camera_replies = Counter(
    "dabyl_camera_replies_total",
    "Replies on event channels; of each camera at most one a second is counted",
    registry=REGISTRY,
)
camera_events = Counter(
    "dabyl_camera_events_total", "Events concluded of cameras", ["kind"], registry=REGISTRY
)
camera_unknown_topics = Counter(
    "dabyl_camera_unknown_topics_total",
    "Notifications of cameras on a topic that nobody knows",
    registry=REGISTRY,
)
camera_unreadable = Counter(
    "dabyl_camera_unreadable_total",
    "Notifications of cameras that could not be taken",
    registry=REGISTRY,
)
camera_let_go = Counter(
    "dabyl_camera_let_go_total", "What cameras said and nobody kept", ["why"], registry=REGISTRY
)
camera_stills = Counter(
    "dabyl_camera_stills_total",
    "Looks at a camera's picture, by what it showed",
    ["result"],
    registry=REGISTRY,
)
slice_seconds = Histogram(
    "dabyl_slice_seconds",
    "How long one slice of putting away and throwing away held the store",
    ["work"],
    buckets=FAST,
    registry=REGISTRY,
)
evidence = Counter(
    "dabyl_evidence_total",
    "Stills that alarms asked of cameras, by what became of them",
    ["result"],
    registry=REGISTRY,
)
evidence_seconds = Histogram(
    "dabyl_evidence_seconds",
    "From the moment a still should show to its being kept",
    buckets=SLOW,
    registry=REGISTRY,
)
evidence_slips = Counter(
    "dabyl_evidence_slips_total", "Faults of our own while stills were fetched", registry=REGISTRY
)
evidence_waiting = Gauge(
    "dabyl_evidence_waiting", "Stills that wait to be asked for", registry=REGISTRY
)
evidence_bytes = Gauge("dabyl_evidence_bytes", "How much of stills is kept", registry=REGISTRY)
rolling_bytes = Gauge(
    "dabyl_evidence_rolling_bytes",
    "Stills held in memory for what was before an alarm",
    registry=REGISTRY,
)
rolling_lag = Gauge(
    "dabyl_evidence_rolling_seconds",
    "How long the last round over all rolling cameras took; above 5 they are asked less often",
    registry=REGISTRY,
)
event_loop_lag = Gauge(
    "dabyl_event_loop_lag_seconds",
    "How late the loop woke, the worst of the last 10 s",
    registry=REGISTRY,
)
tasks = Gauge(
    "dabyl_tasks", "What runs beside each other in the loop: it does not grow", registry=REGISTRY
)
sign_ins = Counter(
    "dabyl_sign_ins_total",
    "Who wanted to come in, by the way they chose and what became of it",
    ["way", "result"],
    registry=REGISTRY,
)
refused_requests = Counter(
    "dabyl_refused_requests_total", "Requests to the API refused", ["reason"], registry=REGISTRY
)
build_info = Gauge("dabyl_build_info", "Which Dabyl this is", ["version"], registry=REGISTRY)


def dabyl_version() -> str:
    """The installed version."""
    try:
        return version("dabyl")
    except PackageNotFoundError:
        return "unknown"


build_info.labels(version=dabyl_version()).set(1)


def exposition() -> bytes:
    """The text that Prometheus scrapes."""
    return generate_latest(REGISTRY)
