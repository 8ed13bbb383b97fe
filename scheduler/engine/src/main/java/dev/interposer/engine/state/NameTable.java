package dev.interposer.engine.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Jobs by full name, in parts, each of which grows on its own: one table that doubles holds up everybody. */
final class NameTable {
    private static final int PARTS = 256;
    /** What mixes a hash before its upper bits are taken; the lower ones are those that the parts go by. */
    private static final int MIX = 0x9E3779B9;

    private final List<Map<String, JobState>> parts = Stream.generate(
                    () -> (Map<String, JobState>) new HashMap<String, JobState>())
            .limit(PARTS)
            .toList();

    @Nullable
    JobState get(String fullName) {
        return part(fullName).get(fullName);
    }

    void put(String fullName, JobState job) {
        part(fullName).put(fullName, job);
    }

    /** Only if the name is still that of this job. */
    void remove(String fullName, JobState job) {
        part(fullName).remove(fullName, job);
    }

    private Map<String, JobState> part(String fullName) {
        return parts.get((fullName.hashCode() * MIX) >>> 24);
    }
}
