package dev.interposer.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.JobSpec;
import dev.interposer.server.security.Role;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthGrpc;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every method and every field, walked so that a new one is covered without a line here. */
class RulesTest {
    /** The server walks what it serves when it starts, so each test that starts one walks it too. */
    @Test
    void aMethodWithoutARuleIsNotServed() {
        ServerServiceDefinition known = new JobServiceGrpc.JobServiceImplBase() {}.bindService();
        GrpcServer.requireRules(List.of(known));
        ServerServiceDefinition forgotten = new HealthGrpc.HealthImplBase() {}.bindService();
        assertThatThrownBy(() -> GrpcServer.requireRules(List.of(known, forgotten)))
                .hasMessageContaining("grpc.health.v1.Health/", "has no rule");
    }

    @Test
    void anAgentsTokenOpensNothingElseAndNobodyElsesOpensTheAgents() {
        assertThat(Role.AGENT.covers(Role.VIEWER)).isFalse();
        assertThat(Role.ADMIN.covers(Role.AGENT)).isFalse();
        assertThat(Role.ADMIN.covers(Role.OPERATOR)).isTrue();
        assertThat(Role.VIEWER.covers(Role.SUBMITTER)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aSpecSurvivesTheWayToTheModelAndBack(long seed) {
        JobSpec.Builder spec = JobSpec.newBuilder();
        fill(spec, new Random(seed), "");
        dev.interposer.engine.model.JobSpec model = SpecMapper.model(spec.build());
        assertThat(SpecMapper.model(SpecMapper.proto(model))).as("seed " + seed).isEqualTo(model);
    }

    /** Sets every field, by chance where it may be left out. */
    private static void fill(Message.Builder message, Random random, String path) {
        Descriptor type = message.getDescriptorForType();
        for (FieldDescriptor field : type.getFields()) {
            String at = path + "." + field.getName();
            if (field.isRepeated()) {
                for (int left = 1 + random.nextInt(2); left > 0; left--) {
                    message.addRepeatedField(field, value(message, field, random, at));
                }
            } else if (!field.hasPresence() || random.nextInt(4) > 0) {
                message.setField(field, value(message, field, random, at));
            }
        }
    }

    private static Object value(Message.Builder message, FieldDescriptor field, Random random, String at) {
        return switch (field.getJavaType()) {
            case INT -> 1 + random.nextInt(1000);
            case LONG -> 1L + random.nextInt(100_000);
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text(at, random);
            case ENUM -> field.getEnumType().getValues().get(1 + random.nextInt(2));
            case MESSAGE -> {
                var inner = message.newBuilderForField(field);
                fill(inner, random, at);
                yield inner.build();
            }
            case FLOAT, DOUBLE, BYTE_STRING -> throw new AssertionError("no such field is expected: " + at);
        };
    }

    /** Fields that stand for a constant take only its names. */
    private static String text(String at, Random random) {
        return switch (at) {
            case ".training.resize_policy" -> "AtCheckpoint";
            case ".training.profile_change" -> "AtCheckpoint";
            case ".training.preemption.policy" -> "Never";
            case ".training.failure_policy.on_worker_failure" -> "ReplaceWorker";
            case ".training.failure_policy.on_node_lost" -> "SelfFence";
            case ".inference.sourcing_tier" -> "Foundry";
            default -> "text-" + random.nextInt(1000);
        };
    }
}
