package dev.interposer.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.proto.job.v1.FieldViolation;
import dev.interposer.proto.job.v1.JobKind;
import dev.interposer.proto.job.v1.JobSpec;
import dev.interposer.proto.job.v1.Refusal;
import dev.interposer.resources.Manifest;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The header of job.v1 says what an error bears; this holds the code to it. */
class ErrorsTest {
    private static final FieldError WRONG =
            new FieldError("spec.profiles[0].workers.min", "8", "is above spec.profiles[0].workers.max (4)");

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void anErrorBearsReasonFieldAndValue(ErrorCode code) throws InvalidProtocolBufferException {
        com.google.rpc.Status status =
                Objects.requireNonNull(StatusProto.fromThrowable(Errors.exception(Rejection.of(code, List.of(WRONG)))));

        assertThat(status.getCode()).isNotEqualTo(Code.OK_VALUE).isNotEqualTo(Code.UNKNOWN_VALUE);
        assertThat(status.getMessage()).contains("spec.profiles[0].workers.min (8): is above");
        ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
        assertThat(info.getDomain()).isEqualTo("interposer.dev");
        assertThat(info.getReason()).isEqualTo(code.name());
        BadRequest.FieldViolation field =
                status.getDetails(1).unpack(BadRequest.class).getFieldViolations(0);
        assertThat(field.getField()).isEqualTo("spec.profiles[0].workers.min");
        assertThat(field.getDescription()).isEqualTo("(8) is above spec.profiles[0].workers.max (4)");
        assertThat(field.getReason()).isEqualTo(code.name());
    }

    @Test
    void aRefusalOfAManifestSaysOfWhichObjectItIs() {
        Manifest queue = new Manifest.Queue(JobQueue.of("research"));
        Rejection full = ManifestErrors.of(queue, Rejection.of(ErrorCode.RESOURCE_EXHAUSTED, "no room"));
        assertThat(full.message()).isEqualTo("JobQueue/research: no room");
        Rejection wrong = ManifestErrors.of(queue, Rejection.of(ErrorCode.INVALID, List.of(WRONG)));
        assertThat(wrong.fields())
                .extracting(FieldError::path)
                .containsExactly("JobQueue/research.spec.profiles[0].workers.min");
    }

    @Test
    void whatOneJobOfABatchIsRefusedForKeepsFieldAndValue() {
        JobSpec.Builder spec = JobSpec.newBuilder().setKind(JobKind.JOB_KIND_TRAINING);
        spec.getTrainingBuilder().getPreemptionBuilder().setPolicy("Sometimes");
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> SpecMapper.model(spec.build()));

        Refusal refusal = Errors.refusal(refused.rejection());
        assertThat(refusal.getCode()).isEqualTo(Code.INVALID_ARGUMENT_VALUE);
        assertThat(refusal.getReason()).isEqualTo("INVALID");
        FieldViolation field = refusal.getViolations(0);
        assertThat(field.getField()).isEqualTo("spec.preemption.policy");
        assertThat(field.getValue()).isEqualTo("Sometimes");
        assertThat(field.getMessage()).contains("AtCheckpoint");
    }
}
