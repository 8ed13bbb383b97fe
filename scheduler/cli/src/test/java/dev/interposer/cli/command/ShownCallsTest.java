package dev.interposer.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is shown while a server takes its time. */
class ShownCallsTest {
    private final List<String> happened = new CopyOnWriteArrayList<>();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = OkHttpServerBuilder.forPort(0, InsecureServerCredentials.create())
                .addService(new Jobs())
                .build()
                .start();
        channel = OkHttpChannelBuilder.forTarget("127.0.0.1:" + server.getPort(), InsecureChannelCredentials.create())
                .intercept(new ShownCalls(() -> {
                    happened.add("shown");
                    return () -> happened.add("taken away");
                }))
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void aCallIsShownUntilItsAnswerIsThere() {
        assertThat(JobServiceGrpc.newBlockingStub(channel).get(GetRequest.getDefaultInstance()))
                .isEqualTo(Job.getDefaultInstance());
        assertThat(happened).containsExactly("shown", "asked", "taken away");
    }

    @Test
    void aStreamIsNot() {
        JobServiceGrpc.newBlockingStub(channel)
                .watch(WatchRequest.getDefaultInstance())
                .forEachRemaining(event -> happened.add("came"));
        assertThat(happened).containsExactly("came");
    }

    private final class Jobs extends JobServiceGrpc.JobServiceImplBase {
        @Override
        public void get(GetRequest request, StreamObserver<Job> observer) {
            happened.add("asked");
            observer.onNext(Job.getDefaultInstance());
            observer.onCompleted();
        }

        @Override
        public void watch(WatchRequest request, StreamObserver<WatchEvent> observer) {
            observer.onNext(WatchEvent.getDefaultInstance());
            observer.onCompleted();
        }
    }
}
