-- Live calls. Small however much history there is: a call leaves it when it ends.
CREATE TABLE call (
    id uuid PRIMARY KEY,
    app bigint NOT NULL,
    seq bigint NOT NULL,
    deadline bigint,             -- milliseconds since 1970
    waiting text COLLATE "C",    -- the caller, as long as nobody else has accepted
    home bigint NOT NULL,        -- the node that committed the last step: the first to serve the deadline
    body bytea NOT NULL          -- the stored form
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
ALTER TABLE call ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX call_deadline ON call (deadline) WHERE deadline IS NOT NULL;

-- One row for each user who ever was in a call: where their log stands, and which calls they are in.
CREATE TABLE inbox (
    app bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    head bigint NOT NULL,        -- the newest offset of the log
    rev bigint NOT NULL,         -- grows with each change of a call that the user is in
    live uuid[] NOT NULL,
    gone uuid,                   -- only for the statement that ends a call; says nothing afterwards
    PRIMARY KEY (app, usr)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- Event logs. Three slots take turns, each for one period of retention: the next one is emptied whole.
CREATE TABLE step (
    slot smallint NOT NULL,
    at bigint NOT NULL,
    call uuid NOT NULL,
    seq bigint NOT NULL,
    body bytea NOT NULL,         -- the stored form of the transition
    PRIMARY KEY (call, seq, slot)
) PARTITION BY LIST (slot);
CREATE TABLE event (
    slot smallint NOT NULL,
    app bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    n bigint NOT NULL,           -- the offset
    at bigint NOT NULL,
    call uuid NOT NULL,
    seq bigint NOT NULL,
    idx smallint NOT NULL,       -- which of the step's notices
    PRIMARY KEY (app, usr, n, slot)
) PARTITION BY LIST (slot);
CREATE TABLE step_0 PARTITION OF step FOR VALUES IN (0);
CREATE TABLE step_1 PARTITION OF step FOR VALUES IN (1);
CREATE TABLE step_2 PARTITION OF step FOR VALUES IN (2);
CREATE TABLE event_0 PARTITION OF event FOR VALUES IN (0);
CREATE TABLE event_1 PARTITION OF event FOR VALUES IN (1);
CREATE TABLE event_2 PARTITION OF event FOR VALUES IN (2);
ALTER TABLE step ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE slot (
    slot smallint PRIMARY KEY,
    period bigint NOT NULL       -- it was emptied for this period of retention; what is in it is not older
);
INSERT INTO slot VALUES (0, -1), (1, -1), (2, -1);

-- Ended calls and who was in them, by month of the call.
CREATE TABLE past (
    id uuid PRIMARY KEY,
    app bigint NOT NULL,
    seq bigint NOT NULL,
    body bytea NOT NULL
) PARTITION BY RANGE (id);
CREATE TABLE past_rest PARTITION OF past DEFAULT;
CREATE TABLE part (
    app bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    call uuid NOT NULL,
    PRIMARY KEY (app, usr, call)
) PARTITION BY RANGE (call);
CREATE TABLE part_rest PARTITION OF part DEFAULT;

-- What requests' keys stand for; for a key that was canceled, no call.
CREATE TABLE idem (
    app bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    call uuid,
    fingerprint bigint NOT NULL,
    PRIMARY KEY (app, usr, key)
);
CREATE INDEX idem_at ON idem (at);

CREATE TABLE person (
    app bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (app, usr)
);

-- Addresses of devices. A device is there as long as it has one.
CREATE TABLE address (
    app bigint NOT NULL,
    digest bytea NOT NULL,
    usr text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    place smallint NOT NULL,
    kind text NOT NULL,
    registered_at bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (app, digest)
);
CREATE INDEX address_device ON address (app, usr, device);

CREATE TABLE resource (
    app bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (app, name)
);

CREATE TABLE job (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app bigint NOT NULL,
    call uuid NOT NULL,
    seq bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    home bigint NOT NULL,        -- the node that committed it: the first to do it
    body bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
CREATE INDEX job_key ON job (call, seq);

CREATE TABLE ledger (
    app bigint NOT NULL,
    call uuid NOT NULL,
    usr text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    ring bigint NOT NULL,
    turn smallint NOT NULL,
    at bigint NOT NULL,
    digest bytea NOT NULL,
    provider text NOT NULL,
    push uuid NOT NULL,
    resource text NOT NULL,
    outcome bytea,
    PRIMARY KEY (call, usr, device, ring, turn, app)
);
CREATE INDEX ledger_at ON ledger (at);

-- Who is connected where. Not logged: gone when the server crashes, and told anew by the nodes.
CREATE UNLOGGED TABLE node (
    id bigint PRIMARY KEY,
    until timestamptz NOT NULL   -- by the database's clock
);
CREATE UNLOGGED TABLE session (
    app bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    node bigint NOT NULL,
    PRIMARY KEY (app, usr, device)
);
CREATE INDEX session_node ON session (node);
CREATE UNLOGGED TABLE away (
    app bigint NOT NULL,
    usr text COLLATE "C" NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (app, usr)
);
CREATE INDEX away_until ON away (until);
