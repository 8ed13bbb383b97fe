package dev.interposer.ledger.jdbc;

import org.jspecify.annotations.Nullable;
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
            [ -e /tmp/data/PG_VERSION ] || initdb -D /tmp/data -U postgres > /dev/null
            exec postgres -D /tmp/data -p PORT -k /tmp -c listen_addresses=127.0.0.1 -c max_connections=100""";

    private ContainerPostgres() {}

    static GenericContainer<?> start(String image, int port) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image))
                .withNetworkMode("host")
                .withCreateContainerCmdModifier(command -> command.withUser("postgres")
                        .withEntrypoint("sh", "-c", SCRIPT.replace("PORT", Integer.toString(port))))
                .waitingFor(Wait.forLogMessage(".*ready to accept connections.*\\n", 1));
        container.start();
        return container;
    }
}
