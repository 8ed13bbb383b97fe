package dev.interposer.agent.link;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.NodesFile;
import dev.interposer.agent.driver.Preparation;
import dev.interposer.agent.health.HealthPolicy;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.metrics.MetricsServer;
import dev.interposer.agent.runtime.Confinement;
import dev.interposer.agent.runtime.EndedFolders;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.agent.runtime.ProcessRuntime;
import dev.interposer.agent.runtime.SimulatedRuntime;
import dev.interposer.agent.runtime.WorkerRuntime;
import dev.interposer.agent.watch.DeviceMemory;
import dev.interposer.agent.watch.DeviceSetup;
import dev.interposer.agent.watch.Drivers;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The nodes of one agent process, on one thread and one connection a scheduler. */
public final class AgentDaemon implements AutoCloseable {
    private static final Logger LOG = System.getLogger(AgentDaemon.class.getName());
    private static final long TICK_MILLIS = 200;

    /** Between two looks at the devices and the journal, of which none has to be in time. */
    private static final long LOOK_MILLIS = 1_000;

    private static final long SETTLE_MILLIS = 20;
    private static final long MOST_SETTLE_SECONDS = 8;

    private final AgentOptions options;
    private final HealthPolicy policy;
    private final Confinement confinement;
    private final Loop loop = new Loop();
    private final Connections connections = new Connections();
    private final List<NodeAgent> nodes = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private @Nullable Membership membership;
    private @Nullable MetricsServer metrics;

    private AgentDaemon(AgentOptions options, HealthPolicy policy, Confinement confinement) {
        this.options = options;
        this.policy = policy;
        this.confinement = confinement;
    }

    public static AgentDaemon start(AgentOptions options) throws ConfigException, IOException {
        Path policyFile = options.healthPolicyFile();
        HealthPolicy policy = policyFile == null ? HealthPolicyFile.standard() : HealthPolicyFile.read(policyFile);
        List<NodeConfig> configs = NodesFile.read(options.nodesFile());
        Optional<NodeConfig> real =
                configs.stream().filter(node -> node.simulatedSeconds() <= 0).findFirst();
        if (options.unsyncedJournals() && real.isPresent()) {
            throw new ConfigException("--unsynced-journals is for simulated nodes, and the workers of "
                    + real.get().name() + " are processes. Maybe give it simulatedSeconds?");
        }
        AgentDaemon daemon = new AgentDaemon(
                options, policy, real.isPresent() ? Confinement.of(options.workers()) : Confinement.NONE);
        InetSocketAddress listen = options.metricsListen();
        if (listen != null) {
            // Before anything is begun: of an address that is taken nothing but a message must come.
            daemon.metrics = daemon.serve(listen);
        }
        daemon.connect(configs);
        String address = OwnAddress.towards(options.servers());
        for (NodeConfig config : configs) {
            daemon.add(config.foundAt(address));
        }
        daemon.loop.after(TICK_MILLIS, daemon::tick);
        daemon.loop.every(LOOK_MILLIS, () -> daemon.nodes.forEach(NodeAgent::look));
        return daemon;
    }

    /** With a token the agent is somebody at once; else it has joined, or has yet to. */
    private void connect(List<NodeConfig> configs) throws ConfigException {
        Path tokenFile = options.tokenFile();
        if (tokenFile != null) {
            connections.useToken(options.servers(), options.trust(), token(tokenFile));
            return;
        }
        membership =
                Membership.of(options, configs.stream().map(NodeConfig::name).toList(), loop, connections);
        connections.onChange(() -> links.forEach(Link::reconnect));
    }

    private void tick() {
        if (membership != null) {
            membership.tick();
        }
        nodes.forEach(NodeAgent::tick);
        loop.after(isIdle() ? LOOK_MILLIS : TICK_MILLIS, this::tick);
    }

    /** Nothing is about to be due, and each look at the time takes an idle agent some 0.2 ms. */
    private boolean isIdle() {
        return (membership == null || membership.isSettled()) && nodes.stream().allMatch(NodeAgent::isIdle);
    }

    private MetricsServer serve(InetSocketAddress listen) throws ConfigException {
        try {
            MetricsServer server = MetricsServer.start(
                    listen,
                    NodeAgent.version(),
                    () -> loop.ask(() -> links.stream().map(Link::facts).toList()));
            LOG.log(Level.INFO, "metrics are at http:/{0}/metrics", server.address());
            return server;
        } catch (IOException e) {
            throw new ConfigException("--metrics-listen (" + listen + ") can't be listened on: " + e.getMessage());
        }
    }

    /** Where the metrics are; null if nobody asked for them. */
    @Nullable
    InetSocketAddress metricsAddress() {
        return metrics == null ? null : metrics.address();
    }

    private void add(NodeConfig config) throws ConfigException, IOException {
        Path folder = options.stateFolder().resolve(config.name().replace('/', '_'));
        Path file = folder.resolve("journal");
        Past past = options.unsyncedJournals() ? Past.ofUnsynced(file) : Past.of(file);
        Path workers = confinement.workers(folder);
        DeviceSetup setup =
                new DeviceSetup(Drivers.of(config), policy, new DeviceMemory(folder.resolve("devices"), BootId.read()));
        NodeAgent node = new NodeAgent(config, setup, past, preparation -> runtime(config, preparation, workers), loop);
        Link link = new Link(node, connections, loop);
        if (config.simulatedSeconds() <= 0) {
            new Sweep(node, new EndedFolders(workers, options.retention()), loop).begin();
        }
        loop.execute(() -> {
            nodes.add(node);
            links.add(link);
            node.recover();
            node.watch(link::connect);
        });
    }

    private WorkerRuntime runtime(NodeConfig config, Preparation preparation, Path workers) {
        if (config.simulatedSeconds() > 0) {
            return new SimulatedRuntime(loop, (long) (config.simulatedSeconds() * 1000));
        }
        return new ProcessRuntime(workers, preparation, options.workers(), confinement);
    }

    private static String token(Path file) throws ConfigException {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ConfigException("token file " + file + " can't be read: " + e.getMessage());
        }
    }

    /** Leaves the schedulers, ends the workers if so told, and closes the journals. */
    @Override
    public void close() {
        if (metrics != null) {
            metrics.close();
        }
        loop.execute(() -> links.forEach(Link::close));
        if (options.stopWorkersOnExit()) {
            stopWorkers();
        }
        loop.close(() -> nodes.forEach(NodeAgent::close), 10_000);
        connections.close();
    }

    /** Returns when the journals hold every end, so that the next agent does not take our own doing for failures. */
    private void stopWorkers() {
        CountDownLatch settled = new CountDownLatch(1);
        loop.execute(() -> nodes.forEach(NodeAgent::stopWorkers));
        loop.every(SETTLE_MILLIS, () -> {
            if (nodes.stream().allMatch(NodeAgent::settled)) {
                settled.countDown();
            }
        });
        try {
            if (!settled.await(MOST_SETTLE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "some workers did not end in {0} s", MOST_SETTLE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
