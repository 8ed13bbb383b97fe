package dev.interposer.agent.link;

import com.google.protobuf.ByteString;
import dev.interposer.agent.runtime.LogTail;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.agent.v1.LogRequest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends logs in answer to requests, each on a thread of its own; a request is cancelled by its id. */
final class LogRelay {
    private static final int CHUNK = 64 * 1024;
    private static final int POLL_MILLIS = 200;

    private final Set<Long> open = ConcurrentHashMap.newKeySet();

    /**
     * @param log null when there is none
     * @param lives whether the worker still runs
     */
    void answer(LogRequest request, @Nullable Path log, BooleanSupplier lives, Consumer<LogChunk> sink) {
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
        open.add(id);
        Thread.ofVirtual().start(() -> {
            send(request, log, lives, sink);
            open.remove(id);
        });
    }

    void cancelAll() {
        open.clear();
    }

    private void send(LogRequest request, Path log, BooleanSupplier lives, Consumer<LogChunk> sink) {
        LogChunk.Builder last =
                LogChunk.newBuilder().setRequestId(request.getRequestId()).setEnd(true);
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(LogTail.startOfLast(log, request.getTailLines()));
            byte[] block = new byte[CHUNK];
            while (open.contains(request.getRequestId())) {
                // Asked before reading: what a worker wrote last is still read after it ended.
                boolean more = request.getFollow() && lives.getAsBoolean();
                int length = file.read(block);
                if (length > 0) {
                    sink.accept(LogChunk.newBuilder()
                            .setRequestId(request.getRequestId())
                            .setData(ByteString.copyFrom(block, 0, length))
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
        sink.accept(last.build());
    }
}
