-- What attempts were measured to do, for the conversion table. Soft: it may be emptied, and is measured again.
CREATE TABLE throughput (
    job_id     bigint  NOT NULL,
    gang       integer NOT NULL,
    attempt    integer NOT NULL,
    class_name text    NOT NULL,
    unit       text    NOT NULL,
    family     text    NOT NULL,
    -- That it had last.
    chips      integer NOT NULL,
    -- Of the leader that wrote last; what it measured since it leads follows.
    epoch            bigint  NOT NULL,
    chip_millis      bigint  NOT NULL,
    span_millis      bigint  NOT NULL,
    done             bigint  NOT NULL,
    spans            integer NOT NULL,
    suspicious_spans integer NOT NULL,
    restarts         integer NOT NULL,
    -- The same of the leaders before it.
    earlier_chip_millis      bigint  NOT NULL DEFAULT 0,
    earlier_span_millis      bigint  NOT NULL DEFAULT 0,
    earlier_done             bigint  NOT NULL DEFAULT 0,
    earlier_spans            integer NOT NULL DEFAULT 0,
    earlier_suspicious_spans integer NOT NULL DEFAULT 0,
    earlier_restarts         integer NOT NULL DEFAULT 0,
    measured_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, gang, attempt, class_name, unit)
);
CREATE INDEX throughput_by_family ON throughput (family);
