package dev.interposer.server.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.Hello;
import dev.interposer.proto.agent.v1.Inventory;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.config.Settings;
import dev.interposer.server.loop.Loops;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.security.AgentPass;
import dev.interposer.server.view.LiveView;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** For which node an agent is heard, and until when. */
class AgentPassTest {
    private static final int HEARTBEAT_MILLIS = 1_000;

    private final LiveView view = new LiveView();
    private final SchedulerLoop loop = Loops.idle(view);
    private final ServerConfig config = Settings.of();
    private final AgentHub hub = new AgentHub(loop, view, config);
    private final Ended out = new Ended();
    private final OneNode pass = new OneNode();
    private final AgentSession session = new AgentSession(hub, loop, pass, HEARTBEAT_MILLIS, out);

    /** Speaks for lab/a, until it is refused. */
    private static final class OneNode implements AgentPass {
        private @Nullable StatusRuntimeException refusal;

        @Override
        public boolean names(String node) {
            return node.equals("lab/a");
        }

        @Override
        public @Nullable StatusRuntimeException refusal() {
            return refusal;
        }

        @Override
        public String toString() {
            return "the certificate 1f of [lab/a]";
        }
    }

    /** How a stream ended. */
    private static final class Ended extends ServerCallStreamObserver<ServerMessage> {
        private final List<Status> ends = new ArrayList<>();

        @Override
        public void onNext(ServerMessage message) {
            throw new AssertionError("was answered: " + message);
        }

        @Override
        public void onError(Throwable error) {
            ends.add(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            ends.add(Status.OK);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void disableAutoInboundFlowControl() {}
    }

    private static AgentMessage hello(String node) {
        return AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setMinimumProtocolVersion(1)
                        .setProtocolVersion(AgentSession.PROTOCOL_VERSION)
                        .setInventory(Inventory.newBuilder().setNode(node)))
                .build();
    }

    @Test
    void whoeverSpeaksForANodeThatTheCertificateDoesNotNameIsTurnedAwayInWords() {
        session.onNext(hello("lab/b"));

        assertThat(out.ends).singleElement().satisfies(end -> {
            assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(end.getDescription())
                    .contains("hello.inventory.node (lab/b) is none of those that the certificate 1f of [lab/a]")
                    .contains("Maybe join again with a token that allows it?");
        });
    }

    @Test
    void aStreamThatStandsEndsWhenItsCertificateIsRefusedAndNotBefore() {
        session.endIfRefused();
        assertThat(out.ends).isEmpty();

        pass.refusal = Status.UNAUTHENTICATED.withDescription("was revoked").asRuntimeException();
        session.endIfRefused();
        session.endIfRefused();

        assertThat(out.ends)
                .singleElement()
                .satisfies(end -> assertThat(end.getDescription()).isEqualTo("was revoked"));
    }
}
