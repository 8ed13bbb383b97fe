package dev.interposer.agent.driver.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path folder;

    @Test
    void whereNoMoreConnectionsAreTakenATryEndsAtOnce() throws Exception {
        Path path = folder.resolve("full.sock");
        try (FullSocket full = new FullSocket(path)) {
            long begunNanos = System.nanoTime();
            assertThatThrownBy(() -> connected(path).get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(UnixSocket.NotTakenException.class)
                    .hasMessageContainingAll("full.sock takes no connection", "Maybe who listens there was stopped");
            assertThat(Duration.ofNanos(System.nanoTime() - begunNanos)).isLessThan(Duration.ofSeconds(5));
            full.accept();
            try (Socket socket = connected(path).get(20, TimeUnit.SECONDS)) {
                assertThat(socket.isConnected()).isTrue();
            }
        }
    }

    private static CompletableFuture<Socket> connected(Path path) {
        CompletableFuture<Socket> connected = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                connected.complete(UnixSocket.factory(path).createSocket());
            } catch (IOException e) {
                connected.completeExceptionally(e);
            }
        });
        return connected;
    }
}
