package dev.interposer.tests.e2e;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A PostgreSQL in a container, on the host's network: a sandbox often has no other. Of the image that
 * {@code INTERPOSER_TEST_POSTGRES_IMAGE} names; {@code tests/postgres-image} finds or makes one.
 */
final class ContainerPostgres {
    /** The image, or null when the tests shall use the embedded binaries. */
    static final @Nullable String IMAGE = System.getenv("INTERPOSER_TEST_POSTGRES_IMAGE");

    private static final String SCRIPT = """
            PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"
            [ -e /data/pg/PG_VERSION ] || initdb -D /data/pg -U postgres > /dev/null
            exec postgres -D /data/pg -p PORT -k /tmp -c listen_addresses=127.0.0.1 -c max_connections=100""";

    private final GenericContainer<?> container;
    private final int port;

    ContainerPostgres(String image, Path folder, int port) throws IOException {
        // Its user is not ours.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        this.port = port;
        container = new GenericContainer<>(DockerImageName.parse(image))
                .withNetworkMode("host")
                .withFileSystemBind(folder.toString(), "/data", BindMode.READ_WRITE)
                .withCreateContainerCmdModifier(command -> command.withUser("postgres")
                        .withEntrypoint("sh", "-c", SCRIPT.replace("PORT", Integer.toString(port))))
                .waitingFor(Wait.forLogMessage(".*ready to accept connections.*\\n", 1));
        container.start();
    }

    void kill() {
        docker().killContainerCmd(container.getContainerId()).exec();
    }

    void pause() {
        docker().pauseContainerCmd(container.getContainerId()).exec();
    }

    void unpause() {
        docker().unpauseContainerCmd(container.getContainerId()).exec();
    }

    /** In good order, and at once for its clients. */
    void stop() {
        docker().killContainerCmd(container.getContainerId()).withSignal("INT").exec();
        awaitEnd();
    }

    void start() throws IOException {
        awaitEnd();
        docker().startContainerCmd(container.getContainerId()).exec();
        OwnPostgres.awaitConnection(port);
    }

    void remove() {
        container.stop();
    }

    private void awaitEnd() {
        while (Boolean.TRUE.equals(docker().inspectContainerCmd(container.getContainerId())
                .exec()
                .getState()
                .getRunning())) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private DockerClient docker() {
        return container.getDockerClient();
    }
}
