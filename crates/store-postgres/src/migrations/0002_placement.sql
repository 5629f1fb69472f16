-- Where media rooms live. Not logged: after a crash of the server the nodes write down anew what they host. The sequence is
-- logged, so that no epoch is ever given twice.
CREATE SEQUENCE placement_epoch;
CREATE UNLOGGED TABLE placement (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    node bigint NOT NULL,
    epoch bigint NOT NULL,
    seen timestamptz NOT NULL DEFAULT clock_timestamp(),   -- when its node last said that it hosts it
    PRIMARY KEY (app, room)
) WITH (fillfactor = 70);
CREATE INDEX placement_node ON placement (node);
