package dev.interposer.control.core;

import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.State;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a stored spec takes of the heap, in bytes, rather too much than too little.
 *
 * <p>Not its size when encoded: of many short texts most is headers, and an argument of one letter takes ten times its
 * place in a page. Records are walked by their {@link Components}.
 */
public final class Footprints {
    /** Its place in the tables by id and by digest, and the digest itself. */
    private static final long STORED = 256;

    private static final long HEADER = 16;
    private static final long REFERENCE = 8;
    /** A text and the array in it. */
    private static final long TEXT = 48;
    /** A list or map and the array in it. */
    private static final long COLLECTION = 48;

    private static final long MAP_ENTRY = 64;
    private static final long BOXED = 24;
    private static final char LAST_OF_ONE_BYTE = 0xFF;

    /** One object, so that a head which was counted while it followed is not counted again. */
    private static final ToLongFunction<JobSpec> MEASURE = Footprints::of;

    private Footprints() {}

    /** From here on the state knows what its specs take. */
    public static void countIn(State state) {
        state.jobs().specs().measureBy(MEASURE);
    }

    public static long of(JobSpec spec) {
        return STORED + record(spec);
    }

    private static long record(Record record) {
        return HEADER + Components.sum(record, value -> REFERENCE + value(value));
    }

    private static long value(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> text(text);
            case Number ignored -> BOXED;
            case Boolean ignored -> 0;
            case Enum<?> ignored -> 0;
            case Ids ids -> COLLECTION + (long) Long.BYTES * ids.size();
            case Record record -> record(record);
            case List<?> list -> {
                long bytes = COLLECTION;
                for (Object element : list) {
                    bytes += REFERENCE + value(element);
                }
                yield bytes;
            }
            case Map<?, ?> map -> {
                long bytes = COLLECTION;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    bytes += MAP_ENTRY + value(entry.getKey()) + value(entry.getValue());
                }
                yield bytes;
            }
            default -> throw new IllegalStateException("nothing stores a " + value.getClass());
        };
    }

    /** One letter beyond the first 256 makes all letters of a text take two bytes. */
    private static long text(String text) {
        for (int index = 0; index < text.length(); index++) {
            if (text.charAt(index) > LAST_OF_ONE_BYTE) {
                return TEXT + 2L * text.length();
            }
        }
        return TEXT + text.length();
    }
}
