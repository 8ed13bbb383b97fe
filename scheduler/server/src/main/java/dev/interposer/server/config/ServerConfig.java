package dev.interposer.server.config;

import io.quarkus.runtime.annotations.StaticInitSafe;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings of the server, by {@code -Dinterposer.…}, environment {@code INTERPOSER_…} or {@code application.yaml}. */
@StaticInitSafe
@ConfigMapping(prefix = "interposer")
public interface ServerConfig {
    /** Where tokens and the embedded database are kept. */
    @WithDefault("${user.home}/.interposer")
    Path home();

    Grpc grpc();

    LedgerConfig ledger();

    Lease lease();

    Agents agents();

    Slices slices();

    Throughput throughput();

    Security security();

    Tls tls();

    Kubernetes kubernetes();

    /** The port of agents and submission. */
    interface Grpc {
        @WithDefault("127.0.0.1")
        String host();

        /** 0 for any free one. */
        @WithDefault("7070")
        int port();

        /** Bound on one message, bytes. */
        @WithDefault("4194304")
        int mostMessageBytes();
    }

    /** The database; an embedded one when no URL is given. */
    interface LedgerConfig {
        /** Direct, not through a transaction pooler. */
        Optional<String> jdbcUrl();

        @WithDefault("interposer")
        String user();

        Optional<String> password();

        /** {@code local} or {@code replicated}. */
        @WithDefault("local")
        String durability();

        /** How long to wait for the database at start; then the server ends with code 1. */
        @WithDefault("60s")
        Duration patience();

        /** A snapshot after so many events. */
        @WithDefault("500000")
        long snapshotEvents();

        /** A snapshot after so long, if anything happened. */
        @WithDefault("60s")
        Duration snapshotEvery();
    }

    /** Leadership. */
    interface Lease {
        @WithDefault("6s")
        Duration duration();

        /** So long before its end a leader steps down. */
        @WithDefault("2s")
        Duration margin();

        /**
         * A leader before whom nobody led for so long hears every node before it places anything: its ledger may be an
         * old backup.
         */
        @WithDefault("30s")
        Duration listenAfter();
    }

    /** Links to agents. */
    interface Agents {
        @WithDefault("2s")
        Duration heartbeat();

        /** A node that is silent for longer is lost. */
        @WithDefault("40s")
        Duration lostAfter();
    }

    /** Failures of devices that have a version of driver or firmware in common. */
    interface Slices {
        /** Attributes of devices that name such a version. */
        @WithDefault("driverVersion,firmwareVersion")
        List<String> attributes();

        /** So many nodes with a failed device of one class and version keep new work off it; 0 for never. */
        @WithDefault("3")
        int failedNodes();

        /** Within so long. */
        @WithDefault("1h")
        Duration window();

        /** Of the nodes of the class, in percent; a version that more of them have is not kept from work as a whole. */
        @WithDefault("50")
        int mostPercent();
    }

    /** Measured throughput of workload families. */
    interface Throughput {
        /** How often it is written down. */
        @WithDefault("60s")
        Duration every();

        /** An attempt that was measured for less is not written down. */
        @WithDefault("60s")
        Duration leastTime();

        /** An attempt of which fewer spans were measured is not written down. */
        @WithDefault("10")
        int leastSpans();

        /** So many of the newest attempts of a family, unit and class are kept. */
        @WithDefault("200")
        int attempts();
    }

    /** Access. */
    interface Security {
        /** Lines of {@code name role sha256-of-token}; made in the home folder when absent. */
        Optional<Path> tokensFile();

        /** Listen beyond loopback although nothing is encrypted. */
        @WithDefault("false")
        boolean insecure();
    }

    /** How the port of agents and submission is encrypted. */
    interface Tls {
        @WithDefault("auto")
        TlsMode mode();

        /** By what else than its own names and addresses this server is reached: for certificates of its own. */
        Optional<List<String>> names();

        /** PEM, its own certificate first; read again when it changes. For mode {@code files}, like the next two. */
        Optional<Path> certificateFile();

        /** PEM, PKCS#8; read again when it changes. */
        Optional<Path> keyFile();

        /** PEM: who signed it, told to the clients of this home. */
        Optional<Path> caFile();

        /**
         * Of what agents get when they join; they renew it after two thirds. A successor of the authority begins to
         * sign after a whole one.
         */
        @WithDefault("24h")
        Duration agentCertificateLife();
    }

    /** Clusters of Kubernetes that are a part of the fleet. */
    interface Kubernetes {
        /** By their names, which are the first part of the names of their nodes. */
        Map<String, Cluster> clusters();

        /** YAML: rows for further makers of chips, or in the place of those that are known. */
        Optional<Path> vendorsFile();

        /** An API server that does not answer for so long is away: its nodes are heard no more. */
        @WithDefault("10s")
        Duration patience();
    }

    /** One cluster. */
    interface Cluster {
        @WithDefault("observe")
        ClusterMode mode();

        /** Whether people apply the fleet's objects there: jobs, queues, classes. At most one cluster is that. */
        @WithDefault("false")
        boolean objects();

        /** Of the user as whom this server comes; where there is none, the service account of its own pod. */
        Optional<Path> kubeconfig();

        /** Of the kubeconfig; its current one if absent. */
        Optional<String> context();
    }
}
