package dev.interposer.server.agents;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.interposer.proto.agent.v1.Heartbeat;
import dev.interposer.proto.agent.v1.Hello;
import dev.interposer.server.grpc.RefusedException;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Agents of other versions are told why they are not let in, in words that a program can read. */
class AgentProtocolTest {
    private static Hello hello(int least, int most) {
        return Hello.newBuilder()
                .setMinimumProtocolVersion(least)
                .setProtocolVersion(most)
                .build();
    }

    private static List<Any> details(RefusedException refused) {
        return Objects.requireNonNull(StatusProto.fromThrowable(refused)).getDetailsList();
    }

    @Test
    void anAgentThatAlsoSpeaksOurVersionIsLetIn() {
        assertThat(AgentSession.protocolRefusal(hello(1, 9))).isNull();
    }

    @Test
    void aHeartbeatIsAnsweredWhereSomebodyWaitsForIt() {
        Heartbeat idle = Heartbeat.getDefaultInstance();
        Heartbeat leased = Heartbeat.newBuilder().setCountsLease(true).build();
        assertThat(AgentSession.isAwaited(3, idle, 9_999)).isFalse();
        assertThat(AgentSession.isAwaited(3, idle, 10_000)).isTrue();
        assertThat(AgentSession.isAwaited(3, leased, 0)).isTrue();
        assertThat(AgentSession.isAwaited(2, idle, 0)).as("it could not say").isTrue();
    }

    @Test
    void aNewerAgentIsToldSo() throws InvalidProtocolBufferException {
        RefusedException refused = Objects.requireNonNull(AgentSession.protocolRefusal(hello(8, 9)));

        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        ErrorInfo info = details(refused).get(0).unpack(ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo("PROTOCOL_TOO_NEW");
        assertThat(info.getDomain()).isEqualTo("interposer.dev");
        BadRequest.FieldViolation field =
                details(refused).get(1).unpack(BadRequest.class).getFieldViolations(0);
        assertThat(field.getField()).isEqualTo("hello.minimumProtocolVersion");
        assertThat(field.getDescription()).startsWith("(8) ").contains("8 to 9", "this server 1 to 6");
        assertThat(field.getReason()).isEqualTo("PROTOCOL_TOO_NEW");
    }

    @Test
    void anOlderAgentIsToldSo() throws InvalidProtocolBufferException {
        RefusedException refused = Objects.requireNonNull(AgentSession.protocolRefusal(hello(0, 0)));

        assertThat(details(refused).get(0).unpack(ErrorInfo.class).getReason()).isEqualTo("PROTOCOL_TOO_OLD");
    }
}
