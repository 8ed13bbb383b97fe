package dev.interposer.server;

import dev.interposer.control.port.LedgerException;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.background.LowPriority;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.config.SettingsCheck;
import dev.interposer.server.config.SettingsException;
import dev.interposer.server.grpc.GrpcServer;
import dev.interposer.server.kubernetes.KubernetesClusters;
import dev.interposer.server.loop.SchedulerLoop;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;

/** Starts the parts in order and ends them in the opposite one. */
@ApplicationScoped
public class ServerLifecycle {
    private final ServerConfig config;
    private final SchedulerLoop loop;
    private final AgentHub agents;
    private final GrpcServer grpc;
    private final KubernetesClusters clusters;

    public ServerLifecycle(
            ServerConfig config, SchedulerLoop loop, AgentHub agents, GrpcServer grpc, KubernetesClusters clusters) {
        this.config = config;
        this.loop = loop;
        this.agents = agents;
        this.grpc = grpc;
        this.clusters = clusters;
    }

    void start(@Observes StartupEvent event) {
        try {
            SettingsCheck.check(config);
            LowPriority.daemon("priorities", LowPriority::compilers).start();
            agents.start();
            clusters.start();
            loop.start();
            grpc.start();
            Files.createDirectories(config.home());
            Files.writeString(config.home().resolve("server"), config.grpc().host() + ":" + grpc.port() + "\n");
            Log.infof("serving agents and submission on %s:%d", config.grpc().host(), grpc.port());
        } catch (SettingsException | LedgerException | IOException e) {
            Log.errorf("the server can't start: %s", e.getMessage());
            Quarkus.asyncExit(1);
        }
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        grpc.stop();
        clusters.stop();
        agents.stop();
        loop.stop();
    }
}
