-- The record: entries, the facts they brought, and what is kept beside them.
--
-- Nothing here is ever altered or removed. An entry is one save by one person;
-- its facts are rows of typed tables, keyed by the entry and their place n in
-- it. Each entry carries a hash of all it says and of the entry before it (see
-- docs/record-format.md). Days are YYYY-MM-DD, numbers exact decimals as text,
-- ids sixteen bytes made by the program.
--
-- The words a column may hold are compared one by one: for IN with more than two,
-- SQLite would build a table of them for every row that is added. What is refused
-- takes the whole transaction back (ROLLBACK), and what a row names is looked for
-- at the commit: were a single statement taken back, SQLite would first copy every
-- page that the statement touches. For the same reason the tables of which a file
-- fills thousands of rows call no function, not even length. Elsewhere the length of
-- an id is checked where it is given, not where it is named.

-- ---------------------------------------------------------------- entries

-- One save by one person: all of its facts or none.
CREATE TABLE entry (
    -- 1, 2, 3 … without gaps.
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    -- None for people, settings, protocols and what a laboratory's file brought.
    patient BLOB CHECK (length(patient) = 16),
    -- The visit it was made in.
    visit BLOB,
    -- Who typed.
    person BLOB NOT NULL CHECK (length(person) = 16),
    -- Milliseconds since 1970, UTC, by the workstation's clock.
    at INTEGER NOT NULL,
    -- What that clock was ahead of UTC, in minutes.
    offset_min INTEGER NOT NULL CHECK (offset_min BETWEEN -1439 AND 1439),
    kind TEXT NOT NULL CHECK (
        kind = 'person' OR kind = 'setting' OR kind = 'protocol' OR kind = 'patient'
        OR kind = 'course' OR kind = 'open' OR kind = 'answer' OR kind = 'sweep' OR kind = 'deny'
        OR kind = 'observe' OR kind = 'context' OR kind = 'memo' OR kind = 'import' OR kind = 'link'
        OR kind = 'aside' OR kind = 'review' OR kind = 'missed' OR kind = 'attempt'
        OR kind = 'snooze' OR kind = 'sign' OR kind = 'amend' OR kind = 'void' OR kind = 'undo'
        OR kind = 'redo'
    ),
    -- The entry an undo takes back; for a redo, the undo.
    undoes BLOB REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    reason TEXT,
    -- How many rows belong to it.
    facts INTEGER NOT NULL CHECK (facts >= 0),
    -- The hash of the entry before, all zero for the first.
    prev BLOB NOT NULL CHECK (length(prev) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    -- One patient's entries lie together in this index.
    UNIQUE (patient, seq),
    CHECK (visit IS NULL OR patient IS NOT NULL),
    CHECK ((kind IN ('undo', 'redo')) = (undoes IS NOT NULL)),
    -- A visit is opened by the entry that names it first.
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX entry_undoes ON entry (undoes) WHERE undoes IS NOT NULL;

-- The last entry, and how many of its rows are still to come. Once they are
-- all in, nothing can be added to it.
CREATE TABLE tail (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    missing INTEGER NOT NULL CHECK (missing >= 0)
) STRICT;

INSERT INTO tail (one, seq, missing) VALUES (1, 0, 0);

-- ---------------------------------------------------------------- facts

-- One who types or signs; a later row holds a later name.
CREATE TABLE person (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    person BLOB NOT NULL CHECK (length(person) = 16),
    name TEXT NOT NULL,
    PRIMARY KEY (entry, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX person_person ON person (person);

-- The clinic's own value for a named interval or limit; the later row holds.
CREATE TABLE setting (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    name TEXT NOT NULL,
    number TEXT CHECK (length(number) > 0),
    text TEXT,
    PRIMARY KEY (entry, n)
) STRICT, WITHOUT ROWID;

-- A protocol's whole text, by its hash.
CREATE TABLE protocol (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (entry, n),
    UNIQUE (hash)
) STRICT, WITHOUT ROWID;

-- A laboratory's file, taken in whole or not at all.
CREATE TABLE import (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    -- SHA-256 of its bytes.
    file BLOB NOT NULL CHECK (length(file) = 32),
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    declared TEXT,
    encoding TEXT NOT NULL,
    -- How many rows it had, of them refused, and of them known from earlier files.
    rows INTEGER NOT NULL CHECK (rows >= 0),
    refused INTEGER NOT NULL CHECK (refused BETWEEN 0 AND rows),
    known INTEGER NOT NULL CHECK (known BETWEEN 0 AND rows),
    PRIMARY KEY (entry, n),
    UNIQUE (file)
) STRICT, WITHOUT ROWID;

-- A row of such a file that gave no result, and why.
CREATE TABLE refused (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    place TEXT NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (entry, n)
) STRICT, WITHOUT ROWID;

-- A draw of blood as such a file tells of it; whose it is stands in link.
CREATE TABLE draw (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    draw BLOB NOT NULL CHECK (length(draw) = 16),
    place TEXT NOT NULL,
    -- The identity as sent.
    numbers TEXT NOT NULL,
    name TEXT,
    kana TEXT,
    birth_date TEXT CHECK (length(birth_date) = 10),
    sex TEXT CHECK (sex = 'female' OR sex = 'male' OR sex = 'unknown'),
    carries TEXT NOT NULL,
    laboratory TEXT,
    message TEXT,
    sent_at TEXT,
    order_number TEXT,
    filler_number TEXT,
    drawn_on TEXT CHECK (length(drawn_on) = 10),
    drawn_at TEXT,
    fasting TEXT NOT NULL CHECK (fasting = 'yes' OR fasting = 'no' OR fasting = 'unknown'),
    haemolysed INTEGER NOT NULL CHECK (haemolysed IN (0, 1)),
    lipaemic INTEGER NOT NULL CHECK (lipaemic IN (0, 1)),
    material TEXT,
    comments TEXT,
    contradicts INTEGER NOT NULL CHECK (contradicts IN (0, 1)),
    -- How many rows of returned follow it.
    results INTEGER NOT NULL CHECK (results >= 0),
    PRIMARY KEY (entry, n),
    UNIQUE (draw)
) STRICT, WITHOUT ROWID;

CREATE INDEX draw_message ON draw (message) WHERE message IS NOT NULL;

-- Such a draw is nobody's of this clinic, and waits no longer.
CREATE TABLE aside (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    draw BLOB NOT NULL REFERENCES draw (draw) DEFERRABLE INITIALLY DEFERRED,
    why TEXT NOT NULL CHECK (why = 'stranger' OR why = 'twice' OR why = 'trial' OR why = 'other'),
    PRIMARY KEY (entry, n)
) STRICT, WITHOUT ROWID;

-- A result of such a draw, as sent, beside what was understood of it.
CREATE TABLE returned (
    entry INTEGER NOT NULL REFERENCES entry (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL CHECK (n >= 0),
    returned BLOB NOT NULL,
    draw BLOB NOT NULL REFERENCES draw (draw) DEFERRABLE INITIALLY DEFERRED,
    place TEXT NOT NULL,
    codes TEXT NOT NULL,
    name TEXT NOT NULL,
    analyte TEXT,
    why TEXT,
    value TEXT NOT NULL,
    came TEXT NOT NULL CHECK (came = 'number' OR came = 'word' OR came = 'text' OR came = 'absent'),
    word TEXT,
    comparator TEXT CHECK (
        comparator = '=' OR comparator = '<' OR comparator = '<=' OR comparator = '>='
        OR comparator = '>'
    ),
    number TEXT CHECK (number <> ''),
    unit TEXT NOT NULL,
    unit_known TEXT,
    range TEXT NOT NULL,
    range_low TEXT CHECK (range_low <> ''),
    range_high TEXT CHECK (range_high <> ''),
    range_low_open INTEGER CHECK (range_low_open IN (0, 1)),
    range_high_open INTEGER CHECK (range_high_open IN (0, 1)),
    flags TEXT NOT NULL,
    status TEXT NOT NULL,
    status_sent TEXT NOT NULL,
    method TEXT,
    method_sent TEXT,
    fasting TEXT CHECK (fasting = 'yes' OR fasting = 'no' OR fasting = 'unknown'),
    comments TEXT,
    sub_id TEXT NOT NULL,
    -- What two statements of one result have in common.
    key TEXT NOT NULL,
    -- SHA-256 of all that was said of it: what has it came before.
    digest BLOB NOT NULL,
    PRIMARY KEY (entry, n),
    CHECK ((came = 'number') = (number IS NOT NULL)),
    CHECK ((number IS NULL) = (comparator IS NULL)),
    CHECK ((range_low_open IS NULL) = (range_high_open IS NULL)),
    CHECK (range_low_open IS NOT NULL OR (range_low IS NULL AND range_high IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX returned_digest ON returned (digest);

-- Who the patient is, as known from this entry on.
CREATE TABLE patient (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    chart_number TEXT NOT NULL,
    name TEXT NOT NULL,
    kana TEXT NOT NULL,
    birth_date TEXT NOT NULL CHECK (length(birth_date) = 10),
    sex TEXT NOT NULL CHECK (sex = 'female' OR sex = 'male' OR sex = 'unknown'),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- One course of treatment, as known from this entry on.
CREATE TABLE course (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    course BLOB NOT NULL CHECK (length(course) = 16),
    protocol TEXT NOT NULL,
    product TEXT NOT NULL,
    first_dose_on TEXT CHECK (length(first_dose_on) = 10),
    mg_per_day TEXT CHECK (length(mg_per_day) > 0),
    -- What a capsule holds, and what was taken elsewhere before, in milligrams.
    capsule_mg TEXT CHECK (length(capsule_mg) > 0),
    earlier_mg TEXT CHECK (length(earlier_mg) > 0),
    -- 1 where the patient was already on treatment elsewhere.
    transferred INTEGER NOT NULL CHECK (transferred IN (0, 1)),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A visit is opened, pinned to a protocol text and the settings in force.
CREATE TABLE visit (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL CHECK (length(visit) = 16),
    course BLOB NOT NULL CHECK (length(course) = 16),
    kind TEXT NOT NULL CHECK (kind = 'start' OR kind = 'follow_up' OR kind = 'after'),
    held_on TEXT NOT NULL CHECK (length(held_on) = 10),
    protocol BLOB NOT NULL,
    settings BLOB NOT NULL CHECK (length(settings) = 32),
    PRIMARY KEY (patient, entry, n),
    UNIQUE (patient, visit),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (protocol) REFERENCES protocol (hash) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- How the visit is held, and whether somebody else can read the screen.
CREATE TABLE visit_context (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    mode TEXT NOT NULL CHECK (mode = 'in_person' OR mode = 'online' OR mode = 'phone'),
    companion INTEGER NOT NULL CHECK (companion IN (0, 1)),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- An answer without a table of its own, or why there is none. Several codes at
-- once are several rows, numbered by part from 1; part 0 of 0 says "none of these".
CREATE TABLE response (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    state TEXT NOT NULL CHECK (
        state = 'not_asked' OR state = 'unsure' OR state = 'not_applicable' OR state = 'declined'
        OR state = 'pending' OR state = 'unusable' OR state = 'code' OR state = 'number'
        OR state = 'day' OR state = 'text' OR state = 'many'
    ),
    code INTEGER CHECK (code BETWEEN 0 AND 255),
    number TEXT CHECK (length(number) > 0),
    day TEXT CHECK (length(day) = 10),
    text TEXT,
    part INTEGER CHECK (part BETWEEN 0 AND 4294967295),
    parts INTEGER CHECK (parts BETWEEN 0 AND 4294967295),
    PRIMARY KEY (patient, entry, n),
    CHECK ((code IS NOT NULL) = (state = 'code' OR (state = 'many' AND parts > 0))),
    CHECK ((number IS NOT NULL) = (state = 'number')),
    CHECK ((day IS NOT NULL) = (state = 'day')),
    CHECK ((text IS NOT NULL) = (state = 'text')),
    CHECK ((part IS NOT NULL) = (state = 'many') AND (parts IS NOT NULL) = (state = 'many')),
    CHECK (part <= parts AND (part > 0 OR parts = 0)),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Body weight in kilograms and the day it was taken.
CREATE TABLE weight (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    kg TEXT NOT NULL CHECK (length(kg) > 0),
    measured_on TEXT NOT NULL CHECK (length(measured_on) = 10),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Whether the patient can become pregnant, and why not; unknown counts as yes.
CREATE TABLE potential (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    can TEXT NOT NULL CHECK (can = 'yes' OR can = 'no' OR can = 'unknown'),
    reason TEXT CHECK (
        reason = 'male_organs' OR reason = 'hysterectomy' OR reason = 'ovaries_removed'
        OR reason = 'menopause' OR reason = 'other'
    ),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A pregnancy test; an invalid one is not negative.
CREATE TABLE pregnancy_test (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    result TEXT NOT NULL CHECK (
        result = 'negative' OR result = 'positive' OR result = 'invalid' OR result = 'not_done'
        OR result = 'pending'
    ),
    done_on TEXT CHECK (length(done_on) = 10),
    kind TEXT CHECK (kind = 'clinic_urine' OR kind = 'serum' OR kind = 'home'),
    kit TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- How the capsules were taken since the last visit.
CREATE TABLE intake (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    intake TEXT NOT NULL CHECK (
        intake = 'as_planned' OR intake = 'missed' OR intake = 'without_food' OR intake = 'stopped'
    ),
    missed_days INTEGER CHECK (missed_days BETWEEN 0 AND 4294967295),
    stopped_on TEXT CHECK (length(stopped_on) = 10),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- The day of the last capsule, and what was left over.
CREATE TABLE last_dose (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    taken_on TEXT NOT NULL CHECK (length(taken_on) = 10),
    leftover INTEGER CHECK (leftover BETWEEN 0 AND 4294967295),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Whether a signed consent is on file, since when, and to which form.
CREATE TABLE consent (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    given INTEGER NOT NULL CHECK (given IN (0, 1)),
    signed_on TEXT CHECK (length(signed_on) = 10),
    -- The version of the form that was signed, where it is known.
    form TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- What was decided: the dose, its supply, and the next dates.
CREATE TABLE plan (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    item TEXT,
    manner TEXT NOT NULL CHECK (manner = 'asked' OR manner = 'unchanged' OR manner = 'denied'),
    action TEXT NOT NULL CHECK (
        action = 'start' OR action = 'continue' OR action = 'increase' OR action = 'reduce'
        OR action = 'hold' OR action = 'finish' OR action = 'stop' OR action = 'no_prescription'
        OR action = 'lost'
    ),
    mg_per_day TEXT CHECK (length(mg_per_day) > 0),
    -- On which days: daily, every_other, `per_week N`, `alternating MG`.
    schedule TEXT NOT NULL CHECK (length(schedule) > 0),
    days INTEGER CHECK (days BETWEEN 0 AND 4294967295),
    reason TEXT,
    next_visit TEXT CHECK (length(next_visit) = 10),
    next_blood TEXT CHECK (length(next_blood) = 10),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A free remark at a line of the visit.
CREATE TABLE memo (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    item TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A draw of blood, in a visit or between visits.
CREATE TABLE specimen (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    specimen BLOB NOT NULL CHECK (length(specimen) = 16),
    drawn_on TEXT NOT NULL CHECK (length(drawn_on) = 10),
    fasting TEXT NOT NULL CHECK (fasting = 'yes' OR fasting = 'no' OR fasting = 'unknown'),
    haemolysed INTEGER NOT NULL CHECK (haemolysed IN (0, 1)),
    lipaemic INTEGER NOT NULL CHECK (lipaemic IN (0, 1)),
    comment TEXT,
    laboratory TEXT,
    dose_at_draw TEXT CHECK (length(dose_at_draw) > 0),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A value of a draw; stated again under the same id, it is corrected. What a
-- laboratory's file said beside it stands as sent.
CREATE TABLE observation (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB,
    observation BLOB NOT NULL,
    specimen BLOB NOT NULL,
    analyte TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (
        outcome = 'value' OR outcome = 'pending' OR outcome = 'haemolysed' OR outcome = 'lost'
        OR outcome = 'not_done'
    ),
    typed TEXT,
    comparator TEXT CHECK (
        comparator = '=' OR comparator = '<' OR comparator = '<=' OR comparator = '>='
        OR comparator = '>'
    ),
    number TEXT CHECK (number <> ''),
    unit TEXT NOT NULL,
    canonical TEXT CHECK (canonical <> ''),
    range_low TEXT CHECK (range_low <> ''),
    range_high TEXT CHECK (range_high <> ''),
    range_low_open INTEGER CHECK (range_low_open IN (0, 1)),
    range_high_open INTEGER CHECK (range_high_open IN (0, 1)),
    range_source TEXT CHECK (
        range_source = 'report' OR range_source = 'clinic' OR range_source = 'catalogue'
    ),
    sent INTEGER NOT NULL CHECK (sent IN (0, 1)),
    sent_status TEXT,
    sent_code_system TEXT,
    sent_code TEXT,
    sent_name TEXT,
    sent_unit TEXT,
    sent_range TEXT,
    sent_flag TEXT,
    sent_method TEXT,
    sent_comment TEXT,
    sent_file TEXT,
    -- What two statements of one result have in common, and when this was made.
    sent_key TEXT,
    sent_at TEXT,
    PRIMARY KEY (patient, entry, n),
    CHECK ((outcome = 'value') = (typed IS NOT NULL)),
    CHECK ((outcome = 'value') = (comparator IS NOT NULL)),
    CHECK ((outcome = 'value') = (number IS NOT NULL)),
    CHECK (range_source IS NOT NULL OR (range_low IS NULL AND range_high IS NULL)),
    CHECK ((range_source IS NULL) = (range_low_open IS NULL)),
    CHECK ((range_source IS NULL) = (range_high_open IS NULL)),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A draw that a laboratory's file told of is this patient's.
CREATE TABLE link (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    draw BLOB NOT NULL REFERENCES draw (draw) DEFERRABLE INITIALLY DEFERRED,
    how TEXT NOT NULL CHECK (how = 'matched' OR how = 'confirmed' OR how = 'remembered'),
    -- By which identifiers, and the identity as sent.
    identifiers TEXT NOT NULL,
    who TEXT NOT NULL,
    -- 1 where a later message had come before it, and stands.
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    -- The analytes whose value was critical when it came, one a line.
    critical TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE INDEX link_who ON link (who);

-- A result of a linked draw that is only shown, and why it is not judged.
CREATE TABLE as_sent (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    draw BLOB NOT NULL,
    returned BLOB NOT NULL,
    drawn_on TEXT CHECK (drawn_on BETWEEN '0000-01-01' AND '9999-12-31'),
    laboratory TEXT,
    analyte TEXT,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    unit TEXT NOT NULL,
    range TEXT NOT NULL,
    flags TEXT NOT NULL,
    status TEXT NOT NULL,
    why TEXT,
    word TEXT,
    comments TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Somebody looked at the results of a linked draw.
CREATE TABLE reviewed (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    draw BLOB NOT NULL CHECK (length(draw) = 16),
    deed TEXT NOT NULL CHECK (deed = 'seen' OR deed = 'phoned' OR deed = 'called_in' OR deed = 'hold'),
    -- The analytes with a critical value, each acknowledged by name; one a line.
    acknowledged TEXT,
    note TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- The patient did not come on a day.
CREATE TABLE missed (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    missed_on TEXT NOT NULL CHECK (length(missed_on) = 10),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- An attempt to reach the patient, and what came of it.
CREATE TABLE attempt (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    tried_on TEXT NOT NULL CHECK (length(tried_on) = 10),
    means TEXT NOT NULL CHECK (means = 'phone' OR means = 'letter' OR means = 'mail' OR means = 'other'),
    outcome TEXT NOT NULL CHECK (
        outcome = 'spoken' OR outcome = 'message' OR outcome = 'no_answer' OR outcome = 'returned'
    ),
    note TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Left out of the lists; from this day on in them again.
CREATE TABLE snooze (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    back_on TEXT NOT NULL CHECK (length(back_on) = 10),
    why TEXT NOT NULL CHECK (length(why) > 0),
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A line as it stood when its visit was signed.
CREATE TABLE frozen_answer (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    item TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (
        standing = 'answered' OR standing = 'not_entered' OR standing = 'set_aside'
    ),
    label TEXT NOT NULL,
    shown TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- An alert that stood at signing, or had stood in the visit.
CREATE TABLE frozen_alert (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    rule TEXT NOT NULL,
    level TEXT NOT NULL,
    item TEXT NOT NULL,
    text_ja TEXT NOT NULL,
    text_en TEXT NOT NULL,
    inputs TEXT NOT NULL,
    source TEXT NOT NULL,
    basis TEXT NOT NULL,
    settled TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A value that was on the screen when the visit was signed.
CREATE TABLE seen (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    observation BLOB NOT NULL CHECK (length(observation) = 16),
    stated_by BLOB NOT NULL,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (stated_by) REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- The visit is closed for good, with the note as signed.
CREATE TABLE signature (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    protocol BLOB NOT NULL,
    protocol_id TEXT NOT NULL,
    protocol_version TEXT NOT NULL,
    settings BLOB NOT NULL CHECK (length(settings) = 32),
    note_ja TEXT NOT NULL,
    note_en TEXT NOT NULL,
    PRIMARY KEY (patient, entry, n),
    UNIQUE (patient, visit),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (protocol) REFERENCES protocol (hash) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- A later word on a signed visit; what it amends to stands in the same entry.
CREATE TABLE amendment (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    item TEXT,
    reason TEXT NOT NULL,
    text TEXT,
    PRIMARY KEY (patient, entry, n),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- The visit was made in the wrong chart, or twice.
CREATE TABLE void (
    patient BLOB NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    visit BLOB NOT NULL,
    reason TEXT NOT NULL,
    entered_again TEXT,
    PRIMARY KEY (patient, entry, n),
    UNIQUE (patient, visit),
    FOREIGN KEY (patient, entry) REFERENCES entry (patient, seq) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (patient, visit) REFERENCES visit (patient, visit) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- guards
--
-- Each refuses in a sentence, which the program knows by its words.

-- Only the next entry, behind the last one, and only when that is complete.
CREATE TRIGGER entry_insert BEFORE INSERT ON entry
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: rows are added by the program, one whole entry after another')
    WHERE NEW.seq IS NOT coalesce((SELECT max(seq) FROM entry), 0) + 1
        OR NEW.prev IS NOT coalesce((SELECT hash FROM entry ORDER BY seq DESC LIMIT 1), zeroblob(32))
        OR (SELECT missing FROM tail WHERE one = 1) IS NOT 0;
    SELECT RAISE(ROLLBACK, 'saishin: this was saved before')
    WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.id);
    SELECT RAISE(ROLLBACK, 'saishin: this cannot be taken back')
    WHERE NEW.undoes IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM entry AS named
            WHERE named.id = NEW.undoes
                AND named.patient IS NEW.patient
                AND CASE NEW.kind
                    WHEN 'undo' THEN named.kind IN (
                        'answer', 'sweep', 'deny', 'observe', 'context', 'memo', 'link', 'review',
                        'missed', 'attempt', 'snooze', 'aside'
                    )
                    -- What was unlinked may be another's by now: it is linked, or set aside, anew.
                    ELSE named.kind = 'undo'
                        AND NOT EXISTS (
                            SELECT 1 FROM entry AS undone
                            WHERE undone.id = named.undoes AND undone.kind IN ('link', 'aside')
                        )
                END
        );
    SELECT RAISE(ROLLBACK, 'saishin: this visit is void and takes nothing more')
    WHERE NEW.undoes IS NOT NULL
        AND EXISTS (
            SELECT 1 FROM void
            WHERE void.patient = NEW.patient
                AND void.visit IN (NEW.visit, (SELECT visit FROM entry WHERE id = NEW.undoes))
        );
    SELECT RAISE(ROLLBACK, 'saishin: this visit is signed and takes only an amendment with its reason')
    WHERE NEW.undoes IS NOT NULL
        AND EXISTS (
            SELECT 1 FROM signature
            WHERE signature.patient = NEW.patient
                AND signature.visit IN (NEW.visit, (SELECT visit FROM entry WHERE id = NEW.undoes))
        );
END;

CREATE TRIGGER entry_inserted AFTER INSERT ON entry
BEGIN
    UPDATE tail SET seq = NEW.seq, missing = NEW.facts WHERE one = 1;
    -- What is unlinked waits again.
    INSERT INTO waiting (draw)
    SELECT link.draw FROM link JOIN entry AS named ON named.seq = link.entry
    WHERE NEW.kind = 'undo' AND named.id = NEW.undoes AND link.patient = NEW.patient
    UNION ALL
    SELECT aside.draw FROM aside JOIN entry AS named ON named.seq = aside.entry
    WHERE NEW.kind = 'undo' AND named.id = NEW.undoes;
END;

CREATE TRIGGER entry_update BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER entry_delete BEFORE DELETE ON entry
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

-- The tail follows the entries and cannot be set to anything else.
CREATE TRIGGER tail_update BEFORE UPDATE ON tail
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: rows are added by the program, one whole entry after another')
    WHERE NOT (NEW.seq = OLD.seq AND NEW.missing = OLD.missing - 1)
        AND NOT (
            OLD.missing = 0
            AND NEW.seq = OLD.seq + 1
            AND NEW.seq IS (SELECT max(seq) FROM entry)
            AND NEW.missing IS (SELECT facts FROM entry WHERE seq = NEW.seq)
        );
END;

CREATE TRIGGER tail_insert BEFORE INSERT ON tail
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: rows are added by the program, one whole entry after another');
END;

CREATE TRIGGER tail_delete BEFORE DELETE ON tail
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

-- Every row added passes here, once: only a row of the last entry, while that is
-- incomplete, and nothing of a visit that is closed.
CREATE VIEW added AS SELECT NULL AS entry, NULL AS n, NULL AS patient, NULL AS visit;

CREATE TRIGGER added_insert INSTEAD OF INSERT ON added
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: rows are added by the program, one whole entry after another')
    WHERE NOT EXISTS (
        SELECT 1 FROM tail JOIN entry ON entry.seq = tail.seq
        WHERE tail.seq = NEW.entry AND tail.missing > 0 AND NEW.n < entry.facts
    );
    SELECT RAISE(ROLLBACK, 'saishin: this visit is void and takes nothing more')
    WHERE NEW.visit IS NOT NULL
        AND EXISTS (
            SELECT 1 FROM void
            WHERE void.patient = NEW.patient AND void.visit = NEW.visit AND void.entry < NEW.entry
        );
    SELECT RAISE(ROLLBACK, 'saishin: this visit is signed and takes only an amendment with its reason')
    WHERE NEW.visit IS NOT NULL
        AND EXISTS (
            SELECT 1 FROM signature
            WHERE signature.patient = NEW.patient
                AND signature.visit = NEW.visit
                AND signature.entry < NEW.entry
        )
        AND NOT EXISTS (
            SELECT 1 FROM amendment
            WHERE amendment.patient = NEW.patient
                AND amendment.entry = NEW.entry
                AND amendment.visit = NEW.visit
        );
    UPDATE tail SET missing = missing - 1 WHERE one = 1;
END;

CREATE TRIGGER person_inserted AFTER INSERT ON person
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
END;

CREATE TRIGGER person_update BEFORE UPDATE ON person
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER person_delete BEFORE DELETE ON person
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER setting_inserted AFTER INSERT ON setting
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
END;

CREATE TRIGGER setting_update BEFORE UPDATE ON setting
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER setting_delete BEFORE DELETE ON setting
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER protocol_insert BEFORE INSERT ON protocol
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: this was saved before')
    WHERE EXISTS (SELECT 1 FROM protocol WHERE hash = NEW.hash);
END;

CREATE TRIGGER protocol_inserted AFTER INSERT ON protocol
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
END;

CREATE TRIGGER protocol_update BEFORE UPDATE ON protocol
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER protocol_delete BEFORE DELETE ON protocol
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER import_insert BEFORE INSERT ON import
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: this was saved before')
    WHERE EXISTS (SELECT 1 FROM import WHERE file = NEW.file);
END;

CREATE TRIGGER import_inserted AFTER INSERT ON import
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
END;

CREATE TRIGGER import_update BEFORE UPDATE ON import
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER import_delete BEFORE DELETE ON import
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER refused_inserted AFTER INSERT ON refused
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
END;

CREATE TRIGGER refused_update BEFORE UPDATE ON refused
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER refused_delete BEFORE DELETE ON refused
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER draw_insert BEFORE INSERT ON draw
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: this was saved before')
    WHERE EXISTS (SELECT 1 FROM draw WHERE draw = NEW.draw);
END;

CREATE TRIGGER draw_inserted AFTER INSERT ON draw
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
    INSERT INTO waiting (draw) VALUES (NEW.draw);
END;

CREATE TRIGGER draw_update BEFORE UPDATE ON draw
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER draw_delete BEFORE DELETE ON draw
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER returned_inserted AFTER INSERT ON returned
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
END;

CREATE TRIGGER returned_update BEFORE UPDATE ON returned
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER returned_delete BEFORE DELETE ON returned
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER patient_inserted AFTER INSERT ON patient
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER patient_update BEFORE UPDATE ON patient
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER patient_delete BEFORE DELETE ON patient
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER course_inserted AFTER INSERT ON course
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER course_update BEFORE UPDATE ON course
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER course_delete BEFORE DELETE ON course
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER visit_insert BEFORE INSERT ON visit
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: this was saved before')
    WHERE EXISTS (SELECT 1 FROM visit WHERE patient = NEW.patient AND visit = NEW.visit);
    SELECT RAISE(ROLLBACK, 'saishin: another visit of this patient is open')
    WHERE EXISTS (
        SELECT 1 FROM visit AS other
        WHERE other.patient = NEW.patient
            AND NOT EXISTS (
                SELECT 1 FROM signature
                WHERE signature.patient = other.patient AND signature.visit = other.visit
            )
            AND NOT EXISTS (
                SELECT 1 FROM void WHERE void.patient = other.patient AND void.visit = other.visit
            )
    );
    SELECT RAISE(ROLLBACK, 'saishin: what this row names is not there')
    WHERE NOT EXISTS (
        SELECT 1 FROM course WHERE course.patient = NEW.patient AND course.course = NEW.course
    );
END;

CREATE TRIGGER visit_inserted AFTER INSERT ON visit
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER visit_update BEFORE UPDATE ON visit
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER visit_delete BEFORE DELETE ON visit
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER visit_context_inserted AFTER INSERT ON visit_context
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER visit_context_update BEFORE UPDATE ON visit_context
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER visit_context_delete BEFORE DELETE ON visit_context
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER response_inserted AFTER INSERT ON response
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER response_update BEFORE UPDATE ON response
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER response_delete BEFORE DELETE ON response
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER weight_inserted AFTER INSERT ON weight
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER weight_update BEFORE UPDATE ON weight
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER weight_delete BEFORE DELETE ON weight
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER potential_inserted AFTER INSERT ON potential
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER potential_update BEFORE UPDATE ON potential
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER potential_delete BEFORE DELETE ON potential
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER pregnancy_test_inserted AFTER INSERT ON pregnancy_test
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER pregnancy_test_update BEFORE UPDATE ON pregnancy_test
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER pregnancy_test_delete BEFORE DELETE ON pregnancy_test
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER intake_inserted AFTER INSERT ON intake
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER intake_update BEFORE UPDATE ON intake
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER intake_delete BEFORE DELETE ON intake
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER last_dose_inserted AFTER INSERT ON last_dose
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER last_dose_update BEFORE UPDATE ON last_dose
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER last_dose_delete BEFORE DELETE ON last_dose
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER consent_inserted AFTER INSERT ON consent
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER consent_update BEFORE UPDATE ON consent
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER consent_delete BEFORE DELETE ON consent
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER plan_inserted AFTER INSERT ON plan
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER plan_update BEFORE UPDATE ON plan
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER plan_delete BEFORE DELETE ON plan
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER memo_inserted AFTER INSERT ON memo
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER memo_update BEFORE UPDATE ON memo
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER memo_delete BEFORE DELETE ON memo
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER specimen_inserted AFTER INSERT ON specimen
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER specimen_update BEFORE UPDATE ON specimen
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER specimen_delete BEFORE DELETE ON specimen
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER observation_inserted AFTER INSERT ON observation
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
    SELECT RAISE(ROLLBACK, 'saishin: what this row names is not there')
    WHERE NOT EXISTS (
        SELECT 1 FROM specimen
        WHERE specimen.patient = NEW.patient AND specimen.specimen = NEW.specimen
    );
END;

CREATE TRIGGER observation_update BEFORE UPDATE ON observation
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER observation_delete BEFORE DELETE ON observation
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER aside_insert BEFORE INSERT ON aside
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: what this row names is not there')
    WHERE NOT EXISTS (SELECT 1 FROM waiting WHERE draw = NEW.draw);
END;

CREATE TRIGGER aside_inserted AFTER INSERT ON aside
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NULL, NULL);
    DELETE FROM waiting WHERE draw = NEW.draw;
END;

CREATE TRIGGER aside_update BEFORE UPDATE ON aside
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER aside_delete BEFORE DELETE ON aside
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

-- A draw is one patient's: it must still wait for whose it is.
CREATE TRIGGER link_insert BEFORE INSERT ON link
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: what this row names is not there')
    WHERE NOT EXISTS (SELECT 1 FROM waiting WHERE draw = NEW.draw);
END;

CREATE TRIGGER link_inserted AFTER INSERT ON link
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
    DELETE FROM waiting WHERE draw = NEW.draw;
END;

CREATE TRIGGER link_update BEFORE UPDATE ON link
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER link_delete BEFORE DELETE ON link
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER as_sent_inserted AFTER INSERT ON as_sent
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER as_sent_update BEFORE UPDATE ON as_sent
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER as_sent_delete BEFORE DELETE ON as_sent
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER reviewed_insert BEFORE INSERT ON reviewed
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: what this row names is not there')
    WHERE NOT EXISTS (
        SELECT 1 FROM link WHERE link.patient = NEW.patient AND link.draw = NEW.draw
    );
END;

CREATE TRIGGER reviewed_inserted AFTER INSERT ON reviewed
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER reviewed_update BEFORE UPDATE ON reviewed
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER reviewed_delete BEFORE DELETE ON reviewed
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER missed_inserted AFTER INSERT ON missed
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER missed_update BEFORE UPDATE ON missed
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER missed_delete BEFORE DELETE ON missed
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER attempt_inserted AFTER INSERT ON attempt
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER attempt_update BEFORE UPDATE ON attempt
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER attempt_delete BEFORE DELETE ON attempt
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER snooze_inserted AFTER INSERT ON snooze
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER snooze_update BEFORE UPDATE ON snooze
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER snooze_delete BEFORE DELETE ON snooze
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER frozen_answer_inserted AFTER INSERT ON frozen_answer
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER frozen_answer_update BEFORE UPDATE ON frozen_answer
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER frozen_answer_delete BEFORE DELETE ON frozen_answer
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER frozen_alert_inserted AFTER INSERT ON frozen_alert
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER frozen_alert_update BEFORE UPDATE ON frozen_alert
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER frozen_alert_delete BEFORE DELETE ON frozen_alert
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER seen_inserted AFTER INSERT ON seen
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER seen_update BEFORE UPDATE ON seen
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER seen_delete BEFORE DELETE ON seen
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER signature_insert BEFORE INSERT ON signature
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: this visit is void and takes nothing more')
    WHERE EXISTS (
        SELECT 1 FROM void WHERE void.patient = NEW.patient AND void.visit = NEW.visit
    );
    SELECT RAISE(ROLLBACK, 'saishin: a visit is signed once')
    WHERE EXISTS (SELECT 1 FROM signature WHERE patient = NEW.patient AND visit = NEW.visit);
END;

CREATE TRIGGER signature_inserted AFTER INSERT ON signature
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
END;

CREATE TRIGGER signature_update BEFORE UPDATE ON signature
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER signature_delete BEFORE DELETE ON signature
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER amendment_inserted AFTER INSERT ON amendment
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NEW.visit);
    SELECT RAISE(ROLLBACK, 'saishin: only a signed visit is amended')
    WHERE NOT EXISTS (
        SELECT 1 FROM signature
        WHERE signature.patient = NEW.patient
            AND signature.visit = NEW.visit
            AND signature.entry < NEW.entry
    );
END;

CREATE TRIGGER amendment_update BEFORE UPDATE ON amendment
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER amendment_delete BEFORE DELETE ON amendment
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

CREATE TRIGGER void_insert BEFORE INSERT ON void
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: this visit is void and takes nothing more')
    WHERE EXISTS (
        SELECT 1 FROM void
        WHERE void.patient = NEW.patient AND void.visit = NEW.visit
    );
END;

CREATE TRIGGER void_inserted AFTER INSERT ON void
BEGIN
    INSERT INTO added VALUES (NEW.entry, NEW.n, NEW.patient, NULL);
END;

CREATE TRIGGER void_update BEFORE UPDATE ON void
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be changed');
END;

CREATE TRIGGER void_delete BEFORE DELETE ON void
BEGIN
    SELECT RAISE(ROLLBACK, 'saishin: a saved row cannot be removed');
END;

-- ---------------------------------------------------------------- beside the facts
--
-- What must be found without reading every record. It holds days, never
-- states, can be rebuilt from the facts at any time, and is no part of them.

-- Folded prefixes under which a patient is found.
CREATE TABLE search_key (
    key TEXT NOT NULL,
    patient BLOB NOT NULL CHECK (length(patient) = 16),
    PRIMARY KEY (key, patient)
) STRICT, WITHOUT ROWID;

-- Draws that are nobody's yet, kept by the triggers of draw, link, aside and entry.
CREATE TABLE waiting (
    draw BLOB NOT NULL PRIMARY KEY CHECK (length(draw) = 16)
) STRICT, WITHOUT ROWID;

-- A patient's row in the lists.
CREATE TABLE line (
    patient BLOB NOT NULL PRIMARY KEY CHECK (length(patient) = 16),
    chart_key TEXT NOT NULL UNIQUE,
    chart_number TEXT NOT NULL,
    name TEXT NOT NULL,
    kana TEXT NOT NULL,
    birth_date TEXT NOT NULL CHECK (length(birth_date) = 10),
    sex TEXT NOT NULL CHECK (sex = 'female' OR sex = 'male' OR sex = 'unknown'),
    phase TEXT CHECK (phase = 'before' OR phase = 'on' OR phase = 'paused' OR phase = 'after'),
    mg_per_day TEXT CHECK (length(mg_per_day) > 0),
    first_dose_on TEXT CHECK (length(first_dose_on) = 10),
    last_dose_on TEXT CHECK (length(last_dose_on) = 10),
    -- Due days; `?` where the day cannot be told, NULL where nothing is needed.
    outcome_due TEXT CHECK (length(outcome_due) = 10 OR outcome_due = '?'),
    visit_due TEXT CHECK (length(visit_due) = 10 OR visit_due = '?'),
    visit_until TEXT CHECK (length(visit_until) = 10),
    blood_due TEXT CHECK (length(blood_due) = 10 OR blood_due = '?'),
    test_due TEXT CHECK (length(test_due) = 10 OR test_due = '?'),
    end_test_due TEXT CHECK (length(end_test_due) = 10 OR end_test_due = '?'),
    consent_due TEXT CHECK (length(consent_due) = 10 OR consent_due = '?'),
    guardian_due TEXT CHECK (length(guardian_due) = 10 OR guardian_due = '?'),
    guardian_until TEXT CHECK (length(guardian_until) = 10),
    weight_due TEXT CHECK (length(weight_due) = 10 OR weight_due = '?'),
    window_until TEXT CHECK (length(window_until) = 10),
    watch_until TEXT CHECK (length(watch_until) = 10),
    draft TEXT CHECK (length(draft) = 10),
    last_visit TEXT CHECK (length(last_visit) = 10),
    -- The oldest draw that waits for a result; the day last missed, the attempts to
    -- reach the patient since she was seen; the day she is in the lists again.
    awaiting TEXT CHECK (length(awaiting) = 10),
    missed_on TEXT CHECK (length(missed_on) = 10),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    tried_on TEXT CHECK (length(tried_on) = 10),
    back_on TEXT CHECK (length(back_on) = 10),
    -- Linked draws nobody has looked at, and of them those with a critical value.
    unseen INTEGER NOT NULL CHECK (unseen >= 0),
    critical INTEGER NOT NULL CHECK (critical BETWEEN 0 AND unseen),
    -- Values that signed visits rested on and that those draws correct.
    corrected INTEGER NOT NULL CHECK (corrected >= 0),
    -- The settings these days were worked out under.
    settings BLOB NOT NULL CHECK (length(settings) = 32),
    -- The patient's search keys, one a line, so that old ones can be taken out.
    search_keys TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX line_draft ON line (draft) WHERE draft IS NOT NULL;
CREATE INDEX line_outcome_due ON line (outcome_due) WHERE outcome_due IS NOT NULL;
CREATE INDEX line_visit_due ON line (visit_due) WHERE visit_due IS NOT NULL;
CREATE INDEX line_blood_due ON line (blood_due) WHERE blood_due IS NOT NULL;
CREATE INDEX line_awaiting ON line (awaiting) WHERE awaiting IS NOT NULL;
CREATE INDEX line_missed_on ON line (missed_on) WHERE missed_on IS NOT NULL;
CREATE INDEX line_back_on ON line (back_on) WHERE back_on IS NOT NULL;
CREATE INDEX line_unseen ON line (critical, unseen) WHERE unseen > 0;
CREATE INDEX line_born ON line (birth_date);
CREATE INDEX line_test_due ON line (test_due) WHERE test_due IS NOT NULL;
CREATE INDEX line_end_test_due ON line (end_test_due) WHERE end_test_due IS NOT NULL;
CREATE INDEX line_watch ON line (watch_until) WHERE watch_until IS NOT NULL;

-- ---------------------------------------------------------------- for reading with other tools
--
-- The program does not use these.

-- Entries that were taken back and not restored.
CREATE VIEW undone AS
SELECT named.id AS id, named.seq AS seq
FROM entry AS named
JOIN entry AS undo ON undo.undoes = named.id AND undo.kind = 'undo'
WHERE NOT EXISTS (SELECT 1 FROM entry AS redo WHERE redo.undoes = undo.id AND redo.kind = 'redo');

-- Who, when: by the clock on the wall, under the person's latest name.
CREATE VIEW entries_readable AS
SELECT
    entry.seq AS seq,
    datetime(entry.at / 1000 + entry.offset_min * 60, 'unixepoch') AS at,
    (
        SELECT person.name FROM person
        WHERE person.person = entry.person
        ORDER BY person.entry DESC, person.n DESC LIMIT 1
    ) AS person,
    entry.kind AS kind,
    entry.reason AS reason
FROM entry;

-- Each patient as known now.
CREATE VIEW patients_readable AS
SELECT patient, chart_number, name, kana, birth_date, sex
FROM (
    SELECT
        patient.*,
        row_number() OVER (PARTITION BY patient.patient ORDER BY patient.entry DESC, patient.n DESC) AS place
    FROM patient
)
WHERE place = 1;

CREATE VIEW visits_readable AS
SELECT
    who.chart_number AS chart_number,
    who.name AS name,
    visit.held_on AS held_on,
    visit.kind AS kind,
    protocol.id AS protocol,
    protocol.version AS protocol_version,
    CASE
        WHEN void.visit IS NOT NULL THEN 'void'
        WHEN signature.visit IS NOT NULL THEN 'signed'
        ELSE 'open'
    END AS state,
    opened.at AS opened_at,
    opened.person AS opened_by,
    signed.at AS signed_at,
    signed.person AS signed_by,
    void.reason AS void_reason
FROM visit
JOIN patients_readable AS who ON who.patient = visit.patient
JOIN protocol ON protocol.hash = visit.protocol
JOIN entries_readable AS opened ON opened.seq = visit.entry
LEFT JOIN signature ON signature.patient = visit.patient AND signature.visit = visit.visit
LEFT JOIN entries_readable AS signed ON signed.seq = signature.entry
LEFT JOIN void ON void.patient = visit.patient AND void.visit = visit.visit;

-- Every answer ever given, as text; several codes at once in one row.
CREATE VIEW answers_given AS
SELECT
    patient, entry, n, visit, item, manner, 'response' AS fact,
    CASE state
        WHEN 'code' THEN CAST(code AS TEXT)
        WHEN 'number' THEN number
        WHEN 'day' THEN day
        WHEN 'text' THEN text
        ELSE state
    END AS answer
FROM response WHERE state <> 'many'
UNION ALL
SELECT
    patient, entry, min(n), visit, item, manner, 'response',
    CASE WHEN max(parts) = 0 THEN 'none of these' ELSE group_concat(code, ' ') END
FROM response WHERE state = 'many'
GROUP BY patient, entry, visit, item, manner
UNION ALL
SELECT patient, entry, n, visit, item, manner, 'weight', kg || ' kg on ' || measured_on
FROM weight
UNION ALL
SELECT patient, entry, n, visit, item, manner, 'potential', can || coalesce(', ' || reason, '')
FROM potential
UNION ALL
SELECT
    patient, entry, n, visit, item, manner, 'pregnancy_test',
    result || coalesce(' on ' || done_on, '') || coalesce(', ' || kind, '') || coalesce(', ' || kit, '')
FROM pregnancy_test
UNION ALL
SELECT
    patient, entry, n, visit, item, manner, 'intake',
    intake || coalesce(', days missed: ' || missed_days, '') || coalesce(', on ' || stopped_on, '')
FROM intake
UNION ALL
SELECT
    patient, entry, n, visit, item, manner, 'last_dose',
    taken_on || coalesce(', left over: ' || leftover, '')
FROM last_dose
UNION ALL
SELECT
    patient, entry, n, visit, item, manner, 'consent',
    CASE given WHEN 1 THEN 'given' ELSE 'not given' END || coalesce(' on ' || signed_on, '')
        || coalesce(', form ' || form, '')
FROM consent
UNION ALL
SELECT
    patient, entry, n, visit, item, manner, 'plan',
    action || coalesce(', ' || mg_per_day || ' mg a day', '') || coalesce(', days: ' || days, '')
        || coalesce(', because: ' || reason, '') || coalesce(', next visit ' || next_visit, '')
        || coalesce(', next blood ' || next_blood, '')
FROM plan;

-- The answers in force: what was taken back is left out, and of several
-- answers to one line the latest stands.
CREATE VIEW answers_readable AS
SELECT chart_number, name, held_on, item, answer, manner, at, person
FROM (
    SELECT
        who.chart_number, who.name, visit.held_on,
        coalesce(given.item, given.fact) AS item,
        given.answer, given.manner, made.at, made.person,
        row_number() OVER (
            PARTITION BY given.patient, given.visit, coalesce(given.item, given.fact)
            ORDER BY given.entry DESC, given.n DESC
        ) AS place
    FROM answers_given AS given
    JOIN patients_readable AS who ON who.patient = given.patient
    JOIN entries_readable AS made ON made.seq = given.entry
    LEFT JOIN visit ON visit.patient = given.patient AND visit.visit = given.visit
    WHERE given.entry NOT IN (SELECT seq FROM undone)
)
WHERE place = 1;

-- Laboratory values in force, each with its draw as known now.
CREATE VIEW labs_readable AS
SELECT
    who.chart_number AS chart_number, who.name AS name,
    draw.drawn_on AS drawn_on, value.analyte AS analyte, value.outcome AS outcome,
    value.comparator AS comparator, value.typed AS typed, value.unit AS unit,
    value.canonical AS canonical, value.range_low AS range_low, value.range_high AS range_high,
    value.range_low_open AS range_low_open, value.range_high_open AS range_high_open,
    value.range_source AS range_source, draw.fasting AS fasting, draw.laboratory AS laboratory,
    made.at AS at, made.person AS person
FROM (
    SELECT
        observation.*,
        row_number() OVER (
            PARTITION BY observation.patient, observation.observation
            ORDER BY observation.entry DESC, observation.n DESC
        ) AS place
    FROM observation WHERE observation.entry NOT IN (SELECT seq FROM undone)
) AS value
JOIN (
    SELECT
        specimen.*,
        row_number() OVER (
            PARTITION BY specimen.patient, specimen.specimen
            ORDER BY specimen.entry DESC, specimen.n DESC
        ) AS place
    FROM specimen WHERE specimen.entry NOT IN (SELECT seq FROM undone)
) AS draw ON draw.patient = value.patient AND draw.specimen = value.specimen AND draw.place = 1
JOIN patients_readable AS who ON who.patient = value.patient
JOIN entries_readable AS made ON made.seq = value.entry
WHERE value.place = 1;

CREATE VIEW signed_visits AS
SELECT
    who.chart_number AS chart_number, who.name AS name, visit.held_on AS held_on,
    signed.at AS signed_at, signed.person AS signed_by,
    signature.protocol_id AS protocol, signature.protocol_version AS protocol_version,
    signature.note_ja AS note_ja, signature.note_en AS note_en,
    (
        SELECT count(*) FROM amendment
        WHERE amendment.patient = signature.patient AND amendment.visit = signature.visit
    ) AS amendments,
    void.reason AS void_reason
FROM signature
JOIN visit ON visit.patient = signature.patient AND visit.visit = signature.visit
JOIN patients_readable AS who ON who.patient = signature.patient
JOIN entries_readable AS signed ON signed.seq = signature.entry
LEFT JOIN void ON void.patient = signature.patient AND void.visit = signature.visit;
