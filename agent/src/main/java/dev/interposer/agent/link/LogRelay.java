package dev.interposer.agent.link;

import com.google.protobuf.ByteString;
import dev.interposer.agent.runtime.LogFiles;
import dev.interposer.agent.runtime.LogReader;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.agent.v1.LogRequest;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends logs in answer to requests, each on a thread of its own; a request is cancelled by its id. Nothing is read
 * before there is room for it on the way: a log is larger than this process may be.
 */
final class LogRelay {
    private static final int CHUNK = 64 * 1024;

    /** A chunk counts as so many bytes at least. */
    private static final int LEAST_CHUNK = 4096;

    /** Each holds a block of its file. */
    static final int MOST_OPEN = 32;

    private static final int POLL_MILLIS = 200;
    private static final int MOST_ROOM_POLL_MILLIS = 32;

    /** By id; the next stream numbers its requests anew, so one is told from another by itself. */
    private final Map<Long, Open> open = new ConcurrentHashMap<>();

    /** The way to whoever asked. */
    interface Way {
        /** Whether what was sent before has left, or nearly so. */
        boolean hasRoom();

        void send(LogChunk chunk);
    }

    private static final class Open {
        private volatile long allowedBytes;
        private long sentBytes;

        Open(LogRequest request) {
            allow(request.getAllowedBytes());
        }

        void allow(long bytes) {
            allowedBytes = bytes == 0 ? Long.MAX_VALUE : bytes;
        }

        boolean mayBeSent(int bytes) {
            return sentBytes + bytes <= allowedBytes;
        }

        void sent(int bytes) {
            sentBytes += Math.max(bytes, LEAST_CHUNK);
        }
    }

    /**
     * @param log null when there is none
     * @param lives whether the worker still runs
     */
    void answer(LogRequest request, @Nullable LogFiles log, BooleanSupplier lives, Way way) {
        long id = request.getRequestId();
        if (request.getCancel()) {
            open.remove(id);
            return;
        }
        Open known = open.get(id);
        if (known != null) {
            known.allow(request.getAllowedBytes());
            return;
        }
        if (!request.hasKey()) {
            // More for one that was answered to its end meanwhile.
            return;
        }
        if (log == null) {
            way.send(refusal(id, "there is no log of this worker here"));
            return;
        }
        if (open.size() >= MOST_OPEN) {
            way.send(refusal(
                    id, MOST_OPEN + " logs of this node are read already, the most at once. Maybe end one of them?"));
            return;
        }
        Open self = new Open(request);
        open.put(id, self);
        Thread.ofVirtual().start(() -> {
            send(
                    request,
                    log,
                    new Reader(() -> open.get(id) == self, () -> lives.getAsBoolean() || log.growing(), self),
                    way);
            open.remove(id, self);
        });
    }

    private static LogChunk refusal(long id, String why) {
        return LogChunk.newBuilder().setRequestId(id).setEnd(true).setError(why).build();
    }

    void cancelAll() {
        open.clear();
    }

    /**
     * Whoever reads.
     *
     * @param asks whether it still does
     * @param grows whether more may come
     * @param open how much it takes
     */
    private record Reader(BooleanSupplier asks, BooleanSupplier grows, Open open) {
        /** Once there is room for a whole chunk; false when nobody asks any more. */
        boolean awaitRoom(Way way) throws InterruptedException {
            for (int poll = 1;
                    asks.getAsBoolean() && !(open.mayBeSent(CHUNK) && way.hasRoom());
                    poll = Math.min(2 * poll, MOST_ROOM_POLL_MILLIS)) {
                // Soon for a reader that takes all it gets, seldom for a pager that somebody looks at.
                Thread.sleep(poll);
            }
            return asks.getAsBoolean();
        }
    }

    private static void send(LogRequest request, LogFiles log, Reader who, Way way) {
        LogChunk.Builder last =
                LogChunk.newBuilder().setRequestId(request.getRequestId()).setEnd(true);
        try (LogReader reader =
                log.from(request.hasAfter() ? request.getAfter() : log.startOfLast(request.getTailLines()))) {
            byte[] block = new byte[CHUNK];
            while (who.awaitRoom(way)) {
                // Asked before reading: what a worker wrote last is still read after it ended.
                boolean more = request.getFollow() && who.grows().getAsBoolean();
                int length = reader.read(block);
                if (length > 0) {
                    who.open().sent(length);
                    way.send(LogChunk.newBuilder()
                            .setRequestId(request.getRequestId())
                            .setData(ByteString.copyFrom(block, 0, length))
                            .setPosition(reader.position())
                            .build());
                } else if (more) {
                    Thread.sleep(POLL_MILLIS);
                } else {
                    break;
                }
            }
        } catch (IOException e) {
            last.setError("its log can't be read: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (who.asks().getAsBoolean()) {
            way.send(last.build());
        }
    }
}
