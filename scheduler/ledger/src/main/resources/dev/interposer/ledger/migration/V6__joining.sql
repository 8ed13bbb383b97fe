-- With what agents join. The secret is known to whom it was given alone.
CREATE TABLE join_token (
    id           text        NOT NULL PRIMARY KEY,
    -- SHA-256.
    digest       bytea       NOT NULL,
    -- Empty for every node.
    node_pattern text        NOT NULL,
    uses         integer     NOT NULL,
    used         integer     NOT NULL DEFAULT 0 CHECK (used <= uses),
    made_by      text        NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);

-- What agents show in place of a token. A renewed one names the token that the first was given for.
CREATE TABLE agent_certificate (
    -- In hexadecimal digits.
    serial     text        NOT NULL PRIMARY KEY,
    authority  integer     NOT NULL,
    token      text        NOT NULL,
    -- SHA-256 of the public key: who asks again, because the answer was lost, uses nothing up.
    key_digest bytea       NOT NULL,
    nodes      text[]      NOT NULL,
    issued_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX agent_certificate_by_expiry ON agent_certificate (expires_at);
CREATE INDEX agent_certificate_by_token ON agent_certificate (token, key_digest);

-- A successor is trusted from the moment that its row is there and signs from then on; until then its predecessor
-- does.
ALTER TABLE authority ADD COLUMN signs_from timestamptz NOT NULL DEFAULT now();
