-- Who signs the certificates of this installation. The private keys lie here, so that each of its servers can sign:
-- who reads this table can speak as any of them.
CREATE TABLE authority (
    number      integer     NOT NULL PRIMARY KEY,
    certificate text        NOT NULL,
    private_key text        NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now()
);
