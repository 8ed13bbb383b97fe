-- Who leads. One row; every append reads it under a lock that a takeover must wait for.
CREATE TABLE lease (
    id            smallint    PRIMARY KEY CHECK (id = 1),
    epoch         bigint      NOT NULL,
    holder        text        NOT NULL,
    expires_at    timestamptz NOT NULL,
    backend_pid   integer     NOT NULL DEFAULT 0,
    backend_start timestamptz
);
INSERT INTO lease (id, epoch, holder, expires_at) VALUES (1, 0, '', '-infinity');

-- The truth: one row a commit. Partitions are made ahead, by range of revisions.
CREATE TABLE page (
    first_revision  bigint   NOT NULL PRIMARY KEY,
    last_revision   bigint   NOT NULL,
    epoch           bigint   NOT NULL,
    at_micros       bigint   NOT NULL,
    format          smallint NOT NULL,
    engine_version  text     NOT NULL,
    previous_digest bytea    NOT NULL,
    frame           bytea    NOT NULL,
    CHECK (last_revision >= first_revision)
) PARTITION BY RANGE (first_revision);

-- Snapshots, each in pieces; good when its digest holds over all of them.
CREATE TABLE snapshot (
    revision   bigint      NOT NULL PRIMARY KEY,
    at_micros  bigint      NOT NULL,
    format     smallint    NOT NULL,
    chunks     integer     NOT NULL,
    digest     bytea       NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE snapshot_chunk (
    revision bigint  NOT NULL,
    chunk    integer NOT NULL,
    body     bytea   NOT NULL,
    PRIMARY KEY (revision, chunk)
);
