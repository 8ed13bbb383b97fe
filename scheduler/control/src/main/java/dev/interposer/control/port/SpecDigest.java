package dev.interposer.control.port;

import dev.interposer.engine.model.JobSpec;

/** Equal specs give equal digests, on every machine and in every version. */
@FunctionalInterface
public interface SpecDigest {
    /** SHA-256 in lower-case hexadecimal digits. */
    String sha256(JobSpec spec);
}
