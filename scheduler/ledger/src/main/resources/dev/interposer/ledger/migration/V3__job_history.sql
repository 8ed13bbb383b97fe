-- Jobs that ended, for people. Derived from the pages, which alone are the truth: it may be emptied, and is made again.
CREATE TABLE job_history (
    -- Of the event that ended the job: later ends have greater ones.
    revision            bigint  NOT NULL PRIMARY KEY,
    job_id              bigint  NOT NULL,
    namespace           text    NOT NULL,
    name                text    NOT NULL,
    queue_name          text    NOT NULL,
    user_name           text    NOT NULL,
    phase               text    NOT NULL,
    reason              text    NOT NULL,
    class_name          text    NOT NULL,
    attempts            integer NOT NULL,
    submitted_at_micros bigint  NOT NULL,
    started_at_micros   bigint  NOT NULL,
    ended_at_micros     bigint  NOT NULL
);
CREATE INDEX job_history_by_name ON job_history (namespace, name, revision);

-- Up to which revision every job that ended is there.
CREATE TABLE job_history_watermark (
    id       smallint PRIMARY KEY CHECK (id = 1),
    revision bigint   NOT NULL
);
INSERT INTO job_history_watermark (id, revision) VALUES (1, 0);
