package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.runtime.LogFiles;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.agent.v1.LogRequest;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much of a log is under way at once. */
class LogRelayTest {
    private static final int LOG_BYTES = 3 << 20;
    private static final int CHUNK = 64 * 1024;
    private static final long QUIET_MILLIS = 150;

    private final LogRelay relay = new LogRelay();
    private final Narrow way = new Narrow();

    @TempDir
    private Path folder;

    @BeforeEach
    void writeLog() throws IOException {
        Files.write(folder.resolve("log.1"), new byte[LOG_BYTES]);
    }

    @Test
    void aWayWithoutRoomGetsNothingUntilThereIsRoom() throws Exception {
        way.room = 1;
        relay.answer(request(1, 0), new LogFiles(folder), () -> false, way);
        Thread.sleep(QUIET_MILLIS);
        assertThat(way.bytes()).isEqualTo(CHUNK);

        way.room = Integer.MAX_VALUE;
        way.awaitEnd();
        assertThat(way.bytes()).isEqualTo(LOG_BYTES);
    }

    @Test
    void noMoreIsSentThanIsAllowedUntilMoreIs() throws Exception {
        way.room = Integer.MAX_VALUE;
        relay.answer(request(1, 1 << 20), new LogFiles(folder), () -> false, way);
        Thread.sleep(QUIET_MILLIS);
        assertThat(way.bytes()).isEqualTo(1 << 20);

        relay.answer(more(1, 2 << 20), null, () -> false, way);
        Thread.sleep(QUIET_MILLIS);
        assertThat(way.bytes()).isEqualTo(2 << 20);

        relay.answer(more(1, 9 << 20), null, () -> false, way);
        way.awaitEnd();
        assertThat(way.bytes()).isEqualTo(LOG_BYTES);
        assertThat(way.errors()).isEmpty();
    }

    /** The last chunk may be under way while the server allows more. */
    @Test
    void moreForALogThatWasSentToItsEndIsNoNewRequest() throws Exception {
        way.room = Integer.MAX_VALUE;
        relay.answer(request(1, 0), new LogFiles(folder), () -> false, way);
        way.awaitEnd();
        relay.answer(more(1, 9 << 20), null, () -> false, way);
        Thread.sleep(QUIET_MILLIS);
        assertThat(way.errors()).isEmpty();
        assertThat(way.bytes()).isEqualTo(LOG_BYTES);
    }

    @Test
    void soManyReadersAsHaveRoomAreServedAndTheNextIsToldWhy() throws Exception {
        for (int id = 1; id <= LogRelay.MOST_OPEN; id++) {
            relay.answer(request(id, 0), new LogFiles(folder), () -> true, way);
        }
        relay.answer(request(99, 0), new LogFiles(folder), () -> true, way);
        assertThat(way.errors()).singleElement().asString().contains(LogRelay.MOST_OPEN + " logs of this node");

        relay.answer(LogRequest.newBuilder().setRequestId(1).setCancel(true).build(), null, () -> true, way);
        relay.answer(request(100, 0), new LogFiles(folder), () -> true, way);
        assertThat(way.errors()).hasSize(1);
        relay.cancelAll();
    }

    private static LogRequest request(long id, long allowed) {
        return LogRequest.newBuilder()
                .setRequestId(id)
                .setKey(WorkerKey.newBuilder().setJobId(7))
                .setAllowedBytes(allowed)
                .build();
    }

    private static LogRequest more(long id, long allowed) {
        return LogRequest.newBuilder().setRequestId(id).setAllowedBytes(allowed).build();
    }

    /** Takes so many chunks. */
    private static final class Narrow implements LogRelay.Way {
        private final List<LogChunk> sent = new ArrayList<>();
        private volatile int room;

        @Override
        public synchronized boolean hasRoom() {
            return sent.size() < room;
        }

        @Override
        public synchronized void send(LogChunk chunk) {
            sent.add(chunk);
            notifyAll();
        }

        synchronized int bytes() {
            return sent.stream().mapToInt(chunk -> chunk.getData().size()).sum();
        }

        synchronized List<String> errors() {
            return sent.stream()
                    .map(LogChunk::getError)
                    .filter(error -> !error.isEmpty())
                    .toList();
        }

        synchronized void awaitEnd() throws InterruptedException {
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (sent.isEmpty() || !sent.getLast().getEnd()) {
                assertThat(System.nanoTime()).as("20 s for the end of a log").isLessThan(deadline);
                wait(100);
            }
        }
    }
}
