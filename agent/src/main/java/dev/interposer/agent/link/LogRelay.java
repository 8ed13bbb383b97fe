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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends logs in answer to requests, each on a thread of its own; a request is cancelled by its id. */
final class LogRelay {
    private static final int CHUNK = 64 * 1024;
    private static final int POLL_MILLIS = 200;

    /** By id; the next stream numbers its requests anew, so one is told from another by itself. */
    private final Map<Long, Open> open = new ConcurrentHashMap<>();

    private static final class Open {}

    /**
     * @param log null when there is none
     * @param lives whether the worker still runs
     */
    void answer(LogRequest request, @Nullable LogFiles log, BooleanSupplier lives, Consumer<LogChunk> sink) {
        long id = request.getRequestId();
        if (request.getCancel()) {
            open.remove(id);
            return;
        }
        if (log == null) {
            sink.accept(LogChunk.newBuilder()
                    .setRequestId(id)
                    .setEnd(true)
                    .setError("there is no log of this worker here")
                    .build());
            return;
        }
        Open self = new Open();
        open.put(id, self);
        Thread.ofVirtual().start(() -> {
            send(request, log, () -> open.get(id) == self, () -> lives.getAsBoolean() || log.growing(), sink);
            open.remove(id, self);
        });
    }

    void cancelAll() {
        open.clear();
    }

    private static void send(
            LogRequest request, LogFiles log, BooleanSupplier asked, BooleanSupplier grows, Consumer<LogChunk> sink) {
        LogChunk.Builder last =
                LogChunk.newBuilder().setRequestId(request.getRequestId()).setEnd(true);
        try (LogReader reader =
                log.from(request.hasAfter() ? request.getAfter() : log.startOfLast(request.getTailLines()))) {
            byte[] block = new byte[CHUNK];
            while (asked.getAsBoolean()) {
                // Asked before reading: what a worker wrote last is still read after it ended.
                boolean more = request.getFollow() && grows.getAsBoolean();
                int length = reader.read(block);
                if (length > 0) {
                    sink.accept(LogChunk.newBuilder()
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
        if (asked.getAsBoolean()) {
            sink.accept(last.build());
        }
    }
}
