package dev.interposer.server.loop;

import dev.interposer.ledger.embedded.EmbeddedDatabase;
import dev.interposer.server.config.ServerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Settings of a server on a given PostgreSQL, or one that never starts; with a short lease and many snapshots. */
record TestConfig(@Nullable EmbeddedDatabase database, String name, Duration patience) implements ServerConfig {
    @Override
    public Path home() {
        throw new UnsupportedOperationException("the database is given");
    }

    @Override
    public Grpc grpc() {
        throw new UnsupportedOperationException("no port is opened");
    }

    private EmbeddedDatabase given() {
        return Objects.requireNonNull(database, "the loop was not to start");
    }

    @Override
    public LedgerConfig ledger() {
        return new LedgerConfig() {
            @Override
            public Optional<String> jdbcUrl() {
                return Optional.of(given().jdbcUrl().replaceAll("/[^/]*$", "/" + name));
            }

            @Override
            public String user() {
                return given().user();
            }

            @Override
            public Optional<String> password() {
                return Optional.of(given().password());
            }

            @Override
            public String durability() {
                return "local";
            }

            @Override
            public Duration patience() {
                return patience;
            }

            @Override
            public long snapshotEvents() {
                return 20;
            }

            @Override
            public Duration snapshotEvery() {
                return Duration.ofHours(1);
            }
        };
    }

    @Override
    public Lease lease() {
        return new Lease() {
            @Override
            public Duration duration() {
                return Duration.ofSeconds(3);
            }

            @Override
            public Duration margin() {
                return Duration.ofSeconds(1);
            }

            @Override
            public Duration listenAfter() {
                return Duration.ofSeconds(30);
            }
        };
    }

    @Override
    public Agents agents() {
        throw new UnsupportedOperationException("no agent is served");
    }

    @Override
    public Security security() {
        throw new UnsupportedOperationException("nobody calls");
    }

    @Override
    public Tls tls() {
        throw new UnsupportedOperationException("nobody calls");
    }

    @Override
    public Kubernetes kubernetes() {
        throw new UnsupportedOperationException("there is no cluster");
    }

    @Override
    public Throughput throughput() {
        throw new UnsupportedOperationException("nothing is measured");
    }

    @Override
    public Slices slices() {
        return new Slices() {
            @Override
            public List<String> attributes() {
                return List.of("driverVersion");
            }

            @Override
            public int failedNodes() {
                return 3;
            }

            @Override
            public Duration window() {
                return Duration.ofHours(1);
            }

            @Override
            public int mostPercent() {
                return 50;
            }
        };
    }
}
