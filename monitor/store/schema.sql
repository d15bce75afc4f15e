-- SPDX-License-Identifier: Apache-2.0
-- The store of shopbell. Times are microseconds since 1970-01-01 UTC; ids are 32 hexadecimal digits. Two questions to begin with:
--
--   SELECT at, level, count, sentence FROM alerts ORDER BY first_seen DESC LIMIT 20;
--   SELECT r.fields FROM alert_record a JOIN record r USING (record) WHERE a.alert LIKE '3f2a%';
--
-- PRAGMA user_version holds the version of this schema. A store of an older version gets what it lacks by running this file
-- again; version 2 added alert_involved, version 3 parts of windows (those of older versions are forgotten), version 4 the census
-- (account, account_fact), version 5 what keeps alerts from ringing (silence, alert_quiet, alert_answer), version 6 what an answer
-- came along with, version 7 when each log source was heard (source_heard), version 8 alert_quiet.seen, version 10 the
-- chain of alert_history, and record.sealed, version 11 the outbox (channel, notice, notice_alert), version 12 cases
-- (case_entry). `shopbell verify` checks the chain; shopbell-store(7) shows how to do so by hand.

-- One row an alert. Rows are updated while their episode grows; what happened to them is in alert_history.
CREATE TABLE IF NOT EXISTS alert (
        id TEXT PRIMARY KEY,
        rule_id TEXT NOT NULL,
        rule_title TEXT NOT NULL,
        level INTEGER NOT NULL,          -- 0 informational … 4 critical
        classes TEXT NOT NULL,           -- JSON array
        grouped TEXT NOT NULL,           -- JSON object: what the alert groups by
        sentence TEXT NOT NULL,
        why TEXT NOT NULL,
        playbook TEXT NOT NULL,          -- one step a line
        person TEXT NOT NULL,
        source TEXT NOT NULL,            -- log source of the latest record
        state TEXT NOT NULL,             -- open, merged, withdrawn
        merged_into TEXT NOT NULL,       -- id of the earlier alert, or ''
        first_seen INTEGER NOT NULL,     -- event time
        last_seen INTEGER NOT NULL,
        raised_at INTEGER NOT NULL,      -- when shopbell raised it
        count INTEGER NOT NULL,
        late INTEGER NOT NULL            -- 1: a record came later than its source's lateness
) STRICT;
CREATE INDEX IF NOT EXISTS alert_seen ON alert (first_seen, id);

-- What happened, in a chain: rows are only added, and none can be changed, taken out or put in without it being found. Growth is noted
-- each time the count doubles. A digest is BLAKE2b (RFC 7693) of 32 bytes, written as 64 hexadecimal digits, with a personalisation of
-- 16 bytes that says what it is for. What it is over is put one behind the other: a number as 8 bytes, the least first; a text as its
-- length (such a number) and its bytes.
--
--   hash      person shopbell-history   over  seq alert at what text covers, then the 32 bytes of the hash of the row before (zeroes
--                                             before the first)
--   seal      person shopbell-sealing   over  the 32 bytes of hash, keyed with the 32 bytes of the file shopbell.key
--   covers    lines KIND ID DIGEST: what the row vouches for elsewhere, as it was then; the last row that speaks of a thing counts
--             DIGEST: person shopbell-content, over the columns below; before each a letter: i (number), t (text), b (bytes), which are
--             written as said, n (NULL), which is the letter alone
--     answer  alert_answer: seq alert at what note uid user with_alert
--     silence silence: id rule who source level since until reason uid user ended_at ended_uid ended_user
--     alert   alert: id rule_id rule_title classes playbook raised_at
--     told    alert: id level grouped sentence why person source first_seen last_seen late count; behind DIGEST that count: it holds
--             while the alert has it
--     record  record: record time source file idx record_id fields
--     raw     record: record raw
--     sealed  record: record sealed, where that is not empty
--     case    case_entry: seq case_id at kind key value status evidence because said_by uid user sealed
--     left    a record (ID) that was of a merged alert and for which the other one had no room; DIGEST is -
--     unlinked  such a record that is of another alert still
--     purged  of records or alerts (ID): bodies of records, or alerts, of before DIGEST (here a time) went with their age
--
-- Beside the store shopbell.heads has lines TIME SEQ HASH SEAL, one after each transaction that added rows: which row was the last.
-- SEAL is keyed as above, person shopbell-heading, over the bytes of the line before it (without the blank). The journal is told the
-- head each hour.
CREATE TABLE IF NOT EXISTS alert_history (
        seq INTEGER PRIMARY KEY,         -- 1, 2, 3 … without a gap
        alert TEXT NOT NULL,             -- its id, also when it is purged; '': about no alert
        at INTEGER NOT NULL,
        what TEXT NOT NULL,              -- raised, grew, changed, evidence, merged, withdrawn, silenced, muted, rang, told, answered,
                                         -- silence-set, silence-ended, adopted, purged, revealed, forgot, case
        text TEXT NOT NULL,
        covers TEXT NOT NULL,
        previous TEXT NOT NULL,          -- hash of the row before
        hash TEXT NOT NULL,
        seal TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS alert_history_alert ON alert_history (alert, seq);
-- Against accidents; what keeps others off is the chain.
CREATE TRIGGER IF NOT EXISTS alert_history_stays BEFORE DELETE ON alert_history BEGIN
        SELECT RAISE(ABORT, 'the history is only added to');
END;
CREATE TRIGGER IF NOT EXISTS alert_history_stays_so BEFORE UPDATE ON alert_history WHEN OLD.seal <> '' OR NEW.hash <> OLD.hash BEGIN
        SELECT RAISE(ABORT, 'the history is only added to');
END;

-- Records kept as evidence.
CREATE TABLE IF NOT EXISTS record (
        record TEXT PRIMARY KEY,
        time INTEGER,                    -- NULL: it had none
        source TEXT NOT NULL,
        file TEXT NOT NULL,
        idx INTEGER NOT NULL,            -- in that file, from 0
        record_id TEXT NOT NULL,         -- the platform's
        fields TEXT NOT NULL,            -- JSON object, ECS names
        raw BLOB NOT NULL,
        sealed BLOB NOT NULL             -- under pseudonyms: a box of the clear fields and bytes, shopbell-store(7); else empty
) STRICT;

CREATE TABLE IF NOT EXISTS alert_record (
        alert TEXT NOT NULL REFERENCES alert (id),
        record TEXT NOT NULL REFERENCES record (record),
        PRIMARY KEY (alert, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alert_record_record ON alert_record (record);

-- Who did it, from where, and to what: of each alert the values of all its records, and in how many they are. At most
-- ALERT_INVOLVED_MAX of a kind; the records of others are counted together in the row with the value ''.
CREATE TABLE IF NOT EXISTS alert_involved (
        alert TEXT NOT NULL REFERENCES alert (id),
        kind INTEGER NOT NULL,           -- 0 person, 1 address, 2 object
        value TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (alert, kind, value)
) STRICT, WITHOUT ROWID;

-- How far each input has come.
CREATE TABLE IF NOT EXISTS position (input TEXT PRIMARY KEY, blob BLOB NOT NULL) STRICT;

-- Window state of a rule and group key: all of it as it was once (part 0), and what was added since (part 1, 2, …).
CREATE TABLE IF NOT EXISTS window (
        rule TEXT NOT NULL,
        key BLOB NOT NULL,
        part INTEGER NOT NULL,
        blob BLOB NOT NULL,
        PRIMARY KEY (rule, key, part)
) STRICT, WITHOUT ROWID;

-- Raws that could not be read, the newest.
CREATE TABLE IF NOT EXISTS reject (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        file TEXT NOT NULL,
        offset INTEGER NOT NULL,
        reason TEXT NOT NULL,
        raw BLOB NOT NULL                -- cut
) STRICT;

CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;

-- The census: model/account.h has the kinds of facts. Whose last sign-in was without a second factor?
--   SELECT source, account FROM account_fact f WHERE kind = 'mfa' AND value = 'not_used' AND NOT EXISTS (SELECT 1 FROM
--     account_fact u WHERE (u.source, u.account, u.kind, u.value) = (f.source, f.account, 'mfa', 'used') AND u.last_seen > f.last_seen);
-- One row an account on a platform that was seen to act, or that was spoken of.
CREATE TABLE IF NOT EXISTS account (
        source TEXT NOT NULL,
        account TEXT NOT NULL,           -- mail address, else name, else id; case folded
        first_seen INTEGER,              -- acts of its own; NULL: none was seen
        last_seen INTEGER,
        PRIMARY KEY (source, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS account_seen ON account (last_seen, source, account);

CREATE TABLE IF NOT EXISTS account_fact (
        source TEXT NOT NULL,
        account TEXT NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        first_seen INTEGER,              -- when it was so (of what shows in every act: the hour); NULL: only its end was seen
        last_seen INTEGER,
        gone INTEGER,                    -- when it last ended; NULL: never seen
        n INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (source, account, kind, value)
) STRICT, WITHOUT ROWID;

-- Silences: alerts that fit one are detected and stored, but do not ring. Rows are never deleted; one is ended by a time.
CREATE TABLE IF NOT EXISTS silence (
        id INTEGER PRIMARY KEY,
        rule TEXT NOT NULL,              -- a rule's id or title; '': any
        who TEXT NOT NULL,               -- the person, or a value that the alert groups by; '': any
        source TEXT NOT NULL,            -- log source; '': any
        level INTEGER NOT NULL,          -- up to this level; 4: any
        since INTEGER NOT NULL,          -- when it was set
        until INTEGER NOT NULL,          -- it counts before that
        reason TEXT NOT NULL,
        uid INTEGER NOT NULL,            -- who set it
        user TEXT NOT NULL,
        ended_at INTEGER,                -- NULL: nobody ended it
        ended_uid INTEGER,
        ended_user TEXT
) STRICT;

-- Whether an alert rings, and if not, why. One row an alert, made when it is raised. What rings now, the newest first:
--   SELECT a.sentence FROM alert a JOIN alert_quiet q ON q.alert = a.id WHERE q.silence = 0 AND q.muted_by = '' ORDER BY q.rang_at DESC;
CREATE TABLE IF NOT EXISTS alert_quiet (
        alert TEXT PRIMARY KEY REFERENCES alert (id),
        person TEXT NOT NULL,            -- whom it is about: the person of most of its records, of several the first by name
        silence INTEGER NOT NULL DEFAULT 0, -- the silence that it fits; 0: none
        muted_by TEXT NOT NULL DEFAULT '', -- id of the alert that tells of it, or ''
        muted_how TEXT NOT NULL DEFAULT '', -- inhibited, same, known, or ''
        rang_at INTEGER,                 -- when it rang; NULL: it has not
        answer TEXT NOT NULL DEFAULT '', -- acknowledged, me, not-me, closed, closed-true, closed-false, closed-benign, or ''
        level INTEGER NOT NULL DEFAULT 0, -- at least this level, since somebody said "not me"
        seen INTEGER NOT NULL DEFAULT 0  -- the alert's last_seen when this was worked out: its risk was counted then
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alert_quiet_muted ON alert_quiet (muted_by) WHERE muted_by <> '';
CREATE INDEX IF NOT EXISTS alert_quiet_silence ON alert_quiet (silence) WHERE silence <> 0;
CREATE INDEX IF NOT EXISTS alert_quiet_seen ON alert_quiet (person, seen);
CREATE INDEX IF NOT EXISTS alert_quiet_me ON alert_quiet (person) WHERE answer = 'me';
CREATE INDEX IF NOT EXISTS alert_person ON alert (person, rule_id);

-- What people said of alerts. Only ever added to.
CREATE TABLE IF NOT EXISTS alert_answer (
        seq INTEGER PRIMARY KEY,
        alert TEXT NOT NULL REFERENCES alert (id),
        at INTEGER NOT NULL,
        what TEXT NOT NULL,              -- acknowledged, me, not-me, closed, closed-true, closed-false, closed-benign, reopened, undo, note
        note TEXT NOT NULL,
        uid INTEGER NOT NULL,
        user TEXT NOT NULL,
        with_alert TEXT NOT NULL DEFAULT '' -- the alert that was answered, which told of this one; '': this one itself
) STRICT;
CREATE INDEX IF NOT EXISTS alert_answer_alert ON alert_answer (alert, seq);
CREATE INDEX IF NOT EXISTS alert_answer_with ON alert_answer (with_alert, at) WHERE with_alert <> '';

-- Cases: what was said of each, one entry behind the other; what it comes to is worked out from them. Rows are only added, and stay. Of one:
--   SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000000, 'unixepoch'), kind, key, value, status, said_by, because FROM case_entry
--     WHERE case_id = 1 ORDER BY seq;
CREATE TABLE IF NOT EXISTS case_entry (
        seq INTEGER PRIMARY KEY,         -- 1, 2, 3 … of all cases
        case_id INTEGER NOT NULL,        -- from 1; 0: of no case
        at INTEGER NOT NULL,             -- when it was said
        kind TEXT NOT NULL,              -- opened, alert, mark, done, set, regime, note, hold, reach, reviewed, drafted, exported, closed,
                                         -- reopened
        key TEXT NOT NULL,               -- of what: id of an alert, an event, a duty, a field
        value TEXT,                      -- NULL: in the box
        status TEXT NOT NULL,            -- of a field: confirmed, estimated, unknown
        evidence TEXT NOT NULL,
        because TEXT NOT NULL,
        said_by TEXT NOT NULL,           -- the person who says so
        uid INTEGER NOT NULL,            -- who typed it
        user TEXT NOT NULL,
        sealed BLOB NOT NULL             -- under pseudonyms: a box of evidence, because, said_by and perhaps value, shopbell-store(7); else empty
) STRICT;
CREATE INDEX IF NOT EXISTS case_entry_case ON case_entry (case_id, seq);
CREATE INDEX IF NOT EXISTS case_entry_alert ON case_entry (key) WHERE kind = 'alert';
CREATE TRIGGER IF NOT EXISTS case_entry_stays BEFORE DELETE ON case_entry BEGIN
        SELECT RAISE(ABORT, 'cases are only added to');
END;
CREATE TRIGGER IF NOT EXISTS case_entry_stays_so BEFORE UPDATE ON case_entry BEGIN
        SELECT RAISE(ABORT, 'cases are only added to');
END;

-- In which hours each log source was heard, and the silence of it that was told last.
CREATE TABLE IF NOT EXISTS source_heard (
        source TEXT PRIMARY KEY,
        rhythm BLOB NOT NULL,
        told INTEGER                     -- NULL: it is not silent
) STRICT;

-- The outbox: what people are to be told, written in the transaction in which an alert rings. Rows stay: they are how it is known
-- that a channel was told of an alert. What waits, the next one first:
--   SELECT channel, reason, attempts, error, strftime('%Y-%m-%dT%H:%M:%SZ', due_at / 1000000, 'unixepoch') FROM notice
--     WHERE state = 'waiting' ORDER BY due_at;
-- Channels as the daemon's configuration last had them.
CREATE TABLE IF NOT EXISTS channel (
        name TEXT PRIMARY KEY,
        kind TEXT NOT NULL,              -- mail, webhook, command, journal
        level INTEGER NOT NULL,          -- alerts from this level up
        repeat INTEGER NOT NULL,         -- critical alerts without an answer again after this time; 0: never
        escalate_after INTEGER NOT NULL, -- alerts without an answer to the next channel after this time; 0: never
        escalate_to TEXT NOT NULL,
        since INTEGER NOT NULL,          -- alerts that rang before are not told over it
        is_gone INTEGER NOT NULL         -- not 0: the configuration has it no longer
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS notice (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,        -- 32 hexadecimal digits, the same in every attempt
        channel TEXT NOT NULL,
        reason TEXT NOT NULL,            -- rang, raised, repeat, escalated, test
        root INTEGER NOT NULL,           -- whose alerts it tells: itself, or the notice that it repeats or escalates
        number INTEGER NOT NULL,         -- of a repeat, from 1
        is_group INTEGER NOT NULL,       -- 1: many alerts at once, and as long as it waits more may join
        made_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        state TEXT NOT NULL,             -- waiting, sending (nothing is delivered yet), committing (the last byte is on its way),
                                         -- sent, failed (given up), unknown (it broke off while committing), dropped (no longer needed)
        attempts INTEGER NOT NULL,
        first_at INTEGER,                -- when the first attempt began
        tried_at INTEGER,                -- when the last one began
        ended_at INTEGER,
        error TEXT NOT NULL              -- why the last attempt failed, or why it ended as it did; while committing: id of the sender's gate
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS notice_once ON notice (root, channel, reason, number);
CREATE INDEX IF NOT EXISTS notice_due ON notice (channel, state, due_at);
CREATE INDEX IF NOT EXISTS notice_made ON notice (channel, made_at);

CREATE TABLE IF NOT EXISTS notice_alert (
        notice INTEGER NOT NULL REFERENCES notice (id),
        alert TEXT NOT NULL REFERENCES alert (id),
        PRIMARY KEY (notice, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notice_alert_alert ON notice_alert (alert);

-- Alerts for people.
CREATE VIEW IF NOT EXISTS alerts AS
SELECT id,
        strftime('%Y-%m-%dT%H:%M:%SZ', first_seen / 1000000, 'unixepoch') AS at,
        CASE level WHEN 0 THEN 'informational' WHEN 1 THEN 'low' WHEN 2 THEN 'medium' WHEN 3 THEN 'high' ELSE 'critical' END AS level,
        count, sentence, person, source, rule_title, state, first_seen, last_seen
FROM alert;
