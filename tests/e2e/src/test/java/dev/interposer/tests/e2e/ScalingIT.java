package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.proto.fleet.v1.Applied;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ApplyResponse;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.ScaleRequest;
import dev.interposer.proto.job.v1.ScaleResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What was said to be scaled is so after the server was killed, and is done once however often it is asked. */
class ScalingIT {
    private static final String SERVICE = """
            apiVersion: interposer.dev/v1alpha1
            kind: InferenceJob
            metadata: {namespace: research, name: chat}
            spec:
              queueName: research
              replicas: REPLICAS
              profiles:
              - name: cpu
                workers: {min: 1, max: 1}
                template: {spec: {containers: [{name: main, image: i, command: [serve]}]}}
            """;

    @Test
    void aSizeOutlivesItsServerAndARepeatedRequestChangesNothing() throws Exception {
        try (Installation installation = new Installation()) {
            installation.awaitLeader();
            Requests.applySamples(installation);
            apply(installation, 1);
            ScaleRequest three = scale(3);
            assertThat(installation.jobs().scale(three).getRepeatedRequest()).isFalse();
            assertThat(replicas(installation)).isEqualTo(3);
            installation.server(0).destroyForcibly().waitFor();
            installation.restartServer(0);
            installation.awaitLeader();

            assertThat(replicas(installation)).isEqualTo(3);
            installation.jobs().scale(scale(2));
            ScaleResponse again = installation.jobs().scale(three);
            assertThat(again.getRepeatedRequest()).isTrue();
            assertThat(replicas(installation)).isEqualTo(2);
            refused(installation, Status.Code.INVALID_ARGUMENT, "spec.replicas (0): must be between 1 and", scale(0));
            refused(
                    installation,
                    Status.Code.NOT_FOUND,
                    "there is no job research/nobody",
                    scale(2).toBuilder().setJob(Requests.reference("nobody")).build());

            ApplyResponse applied = apply(installation, 4);
            assertThat(applied.getObjects(0).getResult()).isEqualTo(Applied.Result.RESULT_CONFIGURED);
            assertThat(replicas(installation)).isEqualTo(4);
            assertThat(apply(installation, 4).getObjects(0).getResult()).isEqualTo(Applied.Result.RESULT_UNCHANGED);
        }
    }

    private static ScaleRequest scale(int replicas) {
        return ScaleRequest.newBuilder()
                .setJob(Requests.reference("chat"))
                .setRequestId(Requests.id())
                .setReplicas(replicas)
                .build();
    }

    private static ApplyResponse apply(Installation installation, int replicas) throws IOException {
        return installation
                .fleet()
                .apply(ApplyRequest.newBuilder()
                        .setManifest(SERVICE.replace("REPLICAS", Integer.toString(replicas)))
                        .setRequestId(Requests.id())
                        .build());
    }

    private static int replicas(Installation installation) throws IOException {
        var job = installation
                .jobs()
                .get(GetRequest.newBuilder().setJob(Requests.reference("chat")).build());
        assertThat(job.getGangsCount()).isEqualTo(job.getSpec().getInference().getReplicas());
        return job.getGangsCount();
    }

    private static void refused(Installation installation, Status.Code code, String words, ScaleRequest request) {
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class, () -> installation.jobs().scale(request));
        assertThat(refused.getStatus().getCode()).isEqualTo(code);
        assertThat(refused.getStatus().getDescription()).contains(words);
    }
}
