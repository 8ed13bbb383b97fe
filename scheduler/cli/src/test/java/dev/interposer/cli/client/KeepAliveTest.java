package dev.interposer.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that is silent for ever, as one behind a cut cable. */
class KeepAliveTest {
    /** An empty frame of HTTP/2's settings: whoever dials believes that a server is there. */
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void aStreamOnADeadConnectionEnds() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Client client = new Client(
                        OkHttpChannelBuilder.forTarget(
                                "127.0.0.1:" + silent.getLocalPort(), InsecureChannelCredentials.create()),
                        "token",
                        // The least that the library takes.
                        new Client.KeepAlive(Duration.ofSeconds(10), Duration.ofMillis(500)))) {
            Thread listening = Thread.ofVirtual().start(() -> greet(silent));
            Iterator<WatchEvent> events = client.jobStreams()
                    .withDeadlineAfter(40, TimeUnit.SECONDS)
                    .watch(WatchRequest.getDefaultInstance());
            assertThatThrownBy(events::hasNext)
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
            listening.join();
        }
    }

    private static void greet(ServerSocket silent) {
        try (Socket socket = silent.accept()) {
            OutputStream out = socket.getOutputStream();
            out.write(SETTINGS);
            out.flush();
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // The client gave the connection up.
            return;
        }
    }
}
