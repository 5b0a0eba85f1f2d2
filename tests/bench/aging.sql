-- What a gateway has beside its passages after some years (read by aging.py; $words differ by database).
-- n(i): numbers from 0; d(i, button, turnstile): the devices' names.

INSERT INTO journal_alarm ($journal)
SELECT 'g1', n.i + 1, d.button, $word, 0, $b16, 'panic.pressed', 'site-0001', 1, 'b1',
       $begins + n.i * $step, NULL, 'synced', 5, 1, n.i, '', $b150, $b32, 0, 1
FROM n JOIN d ON d.i = n.i % $devices WHERE n.i < $presses;

INSERT INTO alarms (id, kind, priority, state, silent, latches, test, said_test, unexpected, id_reused,
                    registered, count, site, district, device, part, event_id, raised_at, last_at,
                    pressed_at, pressed_quality, closed_at, version, notices, repeats_singly, repeats_owed)
SELECT 'a' || n.i, 'panic.pressed', 0, 'NORMAL', $no, $yes, $no, $no, $no, $no,
       $yes, 1, 'site-0001', 'Medeu', d.button, 1, $word, $begins + n.i * $step, $begins + n.i * $step,
       $begins + n.i * $step, 'synced', CASE WHEN n.i < $alarms - 50 THEN $now END, 2, 3, 0, '[]'
FROM n JOIN d ON d.i = n.i % $devices WHERE n.i < $alarms;

INSERT INTO transitions (alarm, what, before, after, at, by, data)
SELECT 'a' || n.i % $alarms, 'raise', 'NORMAL', 'UNACKNOWLEDGED', $begins + n.i * $step, 'x', '{}'
FROM n WHERE n.i < $alarms * 2;

INSERT INTO deliveries_done ($delivery)
SELECT n.i + 1, 'k' || n.i, 'centre', 'a' || n.i % $alarms, 1, 'g1', n.i + 1, 'dabyl.alarm.raised', 0,
       d.button, $b1200, 'done', NULL, NULL, 1, $begins + n.i * $step, $begins + n.i * $step, NULL, NULL
FROM n JOIN d ON d.i = n.i % $devices WHERE n.i < $presses - $more;

-- Done a while ago, and still among those that wait: to be moved.
INSERT INTO deliveries ($delivery)
SELECT n.i + 1, 'k' || n.i, 'centre', 'a' || n.i % $alarms, 1, 'g1', n.i + 1, 'dabyl.alarm.raised', 0,
       d.button, $b1200, 'done', NULL, NULL, 1, $begins + n.i * $step, $begins + n.i * $step, NULL, NULL
FROM n JOIN d ON d.i = n.i % $devices WHERE n.i >= $presses - $more AND n.i < $presses;

INSERT INTO sequences (gateway, receiver, last) VALUES ('g1', 'centre', $presses);

INSERT INTO delivery_totals (gateway, receiver, done, dropped) VALUES ('g1', 'centre', $presses - $more, 0);

-- Half of them older than they are kept: to be dropped.
INSERT INTO commands (id, device, command, data, created_at, until)
SELECT $word || 'c', d.button, 'confirm', '{}', $begins + n.i * $step, $begins + n.i * $step
FROM n JOIN d ON d.i = n.i % $devices WHERE n.i < $more;

INSERT INTO changes (what, key, at) SELECT 'alarm', 'x', $begins FROM n WHERE n.i < $more;
