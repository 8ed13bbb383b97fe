package dev.interposer.server.view;

import dev.interposer.engine.model.Ids;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the workers of attempts ran that are over, for whoever reads their logs: the state knows the present attempt
 * alone. Soft: a server knows of what was over since it began to follow the ledger.
 *
 * <p>Of the view's lock, as the state is.
 */
public final class PastAttempts {
    /** An agent keeps the files of no more, by and by. */
    static final int MOST_OF_A_GANG = 4;

    /** The gang whose attempt was over the longest ago is forgotten first. */
    static final int MOST_GANGS = 20_000;

    private final SequencedMap<Place, Deque<Attempt>> gangs = new LinkedHashMap<>();

    private record Place(long jobId, int gang) {}

    /**
     * One that is over.
     *
     * @param number from 1
     * @param nodes by rank
     */
    public record Attempt(int number, Ids nodes) {}

    /** The present attempt of a gang is over, and its workers are still named. */
    void over(GangState gang) {
        if (!gang.workers().isEmpty()) {
            long[] nodes =
                    gang.workers().stream().mapToLong(WorkerState::nodeId).toArray();
            over(gang.job().id(), gang.index(), new Attempt(gang.attempt(), Ids.of(nodes)));
        }
    }

    void over(long jobId, int gang, Attempt attempt) {
        Place place = new Place(jobId, gang);
        Deque<Attempt> attempts = gangs.remove(place);
        if (attempts == null) {
            attempts = new ArrayDeque<>();
        }
        attempts.addLast(attempt);
        if (attempts.size() > MOST_OF_A_GANG) {
            attempts.removeFirst();
        }
        gangs.putLast(place, attempts);
        if (gangs.size() > MOST_GANGS) {
            gangs.pollFirstEntry();
        }
    }

    /** Null if nothing is known of it. */
    public @Nullable Attempt find(long jobId, int gang, int number) {
        Deque<Attempt> attempts = gangs.get(new Place(jobId, gang));
        if (attempts == null) {
            return null;
        }
        for (Attempt attempt : attempts) {
            if (attempt.number() == number) {
                return attempt;
            }
        }
        return null;
    }

    void forget(long jobId, int gangCount) {
        for (int gang = 0; gang < gangCount; gang++) {
            gangs.remove(new Place(jobId, gang));
        }
    }

    void clear() {
        gangs.clear();
    }
}
