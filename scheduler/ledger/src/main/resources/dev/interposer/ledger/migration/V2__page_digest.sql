-- SHA-256 over previous_digest and frame, so that an altered page is found by a reader that knows no other page.
-- Pages of before this column have none.
ALTER TABLE page ADD COLUMN digest bytea;
