package dev.interposer.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The contracts against the released ones in {@code src/test/resources/contracts}. After an addition, refresh these by
 * {@code ./mvnw -pl proto test -Dinterposer.contracts.update=true} and commit them.
 */
class WireCompatibilityTest {
    private static final String RELEASED = "/contracts/interposer-v1.protobin";
    private static final Path PRESENT =
            Path.of(System.getProperty("interposer.build.directory", "target"), "descriptors", "interposer.protobin");

    @Test
    void theContractsStillServeEarlierPeers() throws IOException {
        FileDescriptorSet present = ours(FileDescriptorSet.parseFrom(Files.readAllBytes(PRESENT)));
        FileDescriptorSet released = released();
        assertThat(WireCompatibility.breaks(released, present)).isEmpty();
        if (Boolean.getBoolean("interposer.contracts.update")) {
            Files.write(Path.of("src/test/resources" + RELEASED), present.toByteArray());
        } else {
            assertThat(WireCompatibility.breaks(present, released))
                    .as("additions that the released contracts do not hold yet: refresh them")
                    .isEmpty();
        }
    }

    @Test
    void aFieldThatGoesIsFound() throws IOException {
        assertThat(afterChanging("Heartbeat", message -> message.removeField(0)))
                .containsExactly("field interposer.agent.v1.Heartbeat.uptime_millis = 1 is gone and its number and name"
                        + " are not reserved");
    }

    @Test
    void aFieldThatGoesMayBeReserved() throws IOException {
        assertThat(afterChanging(
                        "Heartbeat",
                        message -> message.removeField(0)
                                .addReservedName("uptime_millis")
                                .addReservedRange(DescriptorProto.ReservedRange.newBuilder()
                                        .setStart(1)
                                        .setEnd(2))))
                .isEmpty();
    }

    @Test
    void aNumberThatIsUsedAgainIsFound() throws IOException {
        assertThat(afterChanging(
                        "Heartbeat",
                        message -> message.getFieldBuilder(0).setType(FieldDescriptorProto.Type.TYPE_STRING)))
                .singleElement()
                .asString()
                .contains("uptime_millis", "TYPE_UINT64", "TYPE_STRING");
    }

    @Test
    void aFieldThatLeavesItsOneofIsFound() throws IOException {
        assertThat(afterChanging(
                        "AgentMessage", message -> message.getFieldBuilder(1).clearOneofIndex()))
                .singleElement()
                .asString()
                .contains("hello", "in oneof body");
    }

    @Test
    void anAdditionIsNoBreak() throws IOException {
        assertThat(afterChanging(
                        "Heartbeat",
                        message -> message.addFieldBuilder()
                                .setName("later")
                                .setNumber(99)
                                .setType(FieldDescriptorProto.Type.TYPE_INT32)))
                .isEmpty();
    }

    private static List<String> afterChanging(String message, Consumer<DescriptorProto.Builder> change)
            throws IOException {
        FileDescriptorSet released = released();
        FileDescriptorSet.Builder changed = released.toBuilder();
        for (FileDescriptorProto.Builder file : changed.getFileBuilderList()) {
            file.getMessageTypeBuilderList().stream()
                    .filter(candidate -> candidate.getName().equals(message))
                    .forEach(change);
        }
        return WireCompatibility.breaks(released, changed.build());
    }

    private static FileDescriptorSet released() throws IOException {
        try (InputStream stream = WireCompatibilityTest.class.getResourceAsStream(RELEASED)) {
            return stream == null
                    ? FileDescriptorSet.getDefaultInstance()
                    : FileDescriptorSet.parseFrom(stream.readAllBytes());
        }
    }

    /** Without the files of others that ours import. */
    private static FileDescriptorSet ours(FileDescriptorSet all) {
        FileDescriptorProto[] files = all.getFileList().stream()
                .filter(file -> file.getPackage().startsWith("interposer."))
                .toArray(FileDescriptorProto[]::new);
        return FileDescriptorSet.newBuilder().addAllFile(Arrays.asList(files)).build();
    }
}
