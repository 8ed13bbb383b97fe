package dev.interposer.control.core;

import dev.interposer.control.command.Utf8;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of events when encoded, in bytes, never too small and hardly too large, so that a page keeps its bound without
 * encoding everything twice.
 *
 * <p>Records are walked by their components, so that a field which somebody adds counts without a line here: a text
 * that nobody counts is a page that nobody can write. The kinds that come by the thousand are written out.
 */
public final class Weights {
    /** Tags and lengths of an entry, its event and its kind, and the place of its actor. */
    private static final int ENTRY = 18;
    /** Tag and length of something short, below 128 bytes. */
    private static final int SHORT = 3;
    /** Tag and length of anything that a page can hold. */
    private static final int LONG = 6;
    /** Tag and number of an enum. */
    private static final int CONSTANT = 4;

    private Weights() {}

    /** An event with the entry around it. */
    public static long of(Event event) {
        return ENTRY
                + switch (event) {
                    case JobEvent.JobSubmitted submitted ->
                        number(submitted.jobId())
                                + text(submitted.namespace())
                                + text(submitted.name())
                                + number(submitted.specId())
                                + number(submitted.priority())
                                + text(submitted.requestId())
                                + text(submitted.userName());
                    case JobEvent.GangAssigned assigned -> {
                        long weight = number(assigned.jobId())
                                + number(assigned.gang())
                                + number(assigned.attempt())
                                + number(assigned.profile())
                                + text(assigned.className())
                                + number(assigned.priceEpoch());
                        for (WorkerPlacement worker : assigned.workers()) {
                            weight += LONG + number(worker.role()) + number(worker.nodeId()) + of(worker.devices());
                        }
                        yield weight;
                    }
                    case JobEvent.WorkerStarted started -> of(started.key());
                    case JobEvent.WorkerEnded ended ->
                        of(ended.key()) + CONSTANT + number(ended.exitCode()) + text(ended.message());
                    case JobEvent.GangEnded ended -> number(ended.jobId()) + number(ended.gang()) + of(ended.reason());
                    case JobEvent.JobEnded ended -> number(ended.jobId()) + CONSTANT + of(ended.reason());
                    default -> record((Record) event);
                };
    }

    /** Once for each actor of a page. */
    static long of(Actor actor) {
        return record(actor);
    }

    /** Any record when it is encoded in another. */
    public static long record(Record record) {
        return LONG + Components.sum(record, Weights::value);
    }

    private static long value(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> text(text);
            case Long number -> number(number);
            case Integer number -> number(number);
            case Boolean ignored -> SHORT;
            case Enum<?> ignored -> CONSTANT;
            case Ids ids -> of(ids);
            case Record record -> record(record);
            case List<?> list -> {
                long weight = LONG;
                for (Object element : list) {
                    weight += value(element);
                }
                yield weight;
            }
            case Map<?, ?> map -> {
                long weight = 0;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    weight += LONG + value(entry.getKey()) + value(entry.getValue());
                }
                yield weight;
            }
            default -> throw new IllegalStateException("nothing stores a " + value.getClass());
        };
    }

    private static long of(WorkerKey key) {
        return LONG + number(key.jobId()) + number(key.gang()) + number(key.attempt()) + number(key.worker());
    }

    private static long of(Reason reason) {
        long weight = LONG + CONSTANT;
        for (Map.Entry<String, String> parameter : reason.parameters().entrySet()) {
            weight += SHORT + text(parameter.getKey()) + text(parameter.getValue());
        }
        return weight;
    }

    private static long of(Ids ids) {
        long weight = LONG;
        for (int index = 0; index < ids.size(); index++) {
            weight += varint(ids.get(index));
        }
        return weight;
    }

    private static long text(String text) {
        long bytes = Utf8.bytes(text);
        return bytes + (bytes < 128 ? SHORT : LONG);
    }

    /** With its tag. */
    private static long number(long value) {
        return 2 + varint(value);
    }

    private static long varint(long value) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(value | 1);
        return (bits + 6L) / 7;
    }
}
