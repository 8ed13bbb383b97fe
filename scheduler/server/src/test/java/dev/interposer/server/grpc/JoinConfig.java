package dev.interposer.server.grpc;

import dev.interposer.ledger.embedded.EmbeddedDatabase;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.config.TlsMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of a server that speaks TLS on any free port. */
record JoinConfig(Path home, EmbeddedDatabase database, Duration life) implements ServerConfig {
    @Override
    public Grpc grpc() {
        return new Grpc() {
            @Override
            public String host() {
                return "127.0.0.1";
            }

            @Override
            public int port() {
                return 0;
            }

            @Override
            public int mostMessageBytes() {
                return 4 << 20;
            }
        };
    }

    @Override
    public LedgerConfig ledger() {
        return new LedgerConfig() {
            @Override
            public Optional<String> jdbcUrl() {
                return Optional.of(database.jdbcUrl());
            }

            @Override
            public String user() {
                return database.user();
            }

            @Override
            public Optional<String> password() {
                return Optional.of(database.password());
            }

            @Override
            public String durability() {
                return "local";
            }

            @Override
            public Duration patience() {
                return Duration.ofSeconds(20);
            }

            @Override
            public long snapshotEvents() {
                throw new UnsupportedOperationException("nothing is decided");
            }

            @Override
            public Duration snapshotEvery() {
                throw new UnsupportedOperationException("nothing is decided");
            }
        };
    }

    @Override
    public Lease lease() {
        throw new UnsupportedOperationException("nobody leads");
    }

    @Override
    public Agents agents() {
        throw new UnsupportedOperationException("no agent is served");
    }

    @Override
    public Slices slices() {
        throw new UnsupportedOperationException("no device fails");
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
    public Security security() {
        return new Security() {
            @Override
            public Optional<Path> tokensFile() {
                return Optional.empty();
            }

            @Override
            public boolean insecure() {
                return false;
            }
        };
    }

    @Override
    public Tls tls() {
        return new Tls() {
            @Override
            public TlsMode mode() {
                return TlsMode.OWN;
            }

            @Override
            public Optional<List<String>> names() {
                return Optional.empty();
            }

            @Override
            public Optional<Path> certificateFile() {
                return Optional.empty();
            }

            @Override
            public Optional<Path> keyFile() {
                return Optional.empty();
            }

            @Override
            public Optional<Path> caFile() {
                return Optional.empty();
            }

            @Override
            public Duration agentCertificateLife() {
                return life;
            }
        };
    }
}
