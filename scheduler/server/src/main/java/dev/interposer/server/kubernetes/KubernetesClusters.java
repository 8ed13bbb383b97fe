package dev.interposer.server.kubernetes;

import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.JobKind;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.config.ClusterMode;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.config.SettingsException;
import dev.interposer.server.kubernetes.inventory.NodeReader;
import dev.interposer.server.kubernetes.inventory.VendorTable;
import dev.interposer.server.kubernetes.tenancy.ClusterAccess;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.security.AccessRules;
import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.view.LiveView;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The clusters that the settings name. */
@ApplicationScoped
public class KubernetesClusters implements AccessRules {
    private static final String NAME = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
    private static final int REQUEST_MILLIS = 10_000;

    private final ServerConfig config;
    private final AgentHub hub;
    private final SchedulerLoop loop;
    private final LiveView view;
    private final List<ClusterLink> links = new ArrayList<>();

    public KubernetesClusters(ServerConfig config, AgentHub hub, SchedulerLoop loop, LiveView view) {
        this.config = config;
        this.hub = hub;
        this.loop = loop;
        this.view = view;
    }

    /** A cluster that does not answer is no error: it may later. A setting that can't be right is one. */
    public void start() throws SettingsException {
        if (config.kubernetes().clusters().isEmpty()) {
            return;
        }
        List<String> homes = config.kubernetes().clusters().entrySet().stream()
                .filter(cluster -> cluster.getValue().objects())
                .map(Map.Entry::getKey)
                .toList();
        if (homes.size() > 1) {
            throw new SettingsException("interposer.kubernetes.clusters.*.objects is true for " + homes
                    + ": a job has one name in the fleet, so its object has one home. Maybe choose one of them?");
        }
        VendorTable vendors = vendors();
        for (Map.Entry<String, ServerConfig.Cluster> cluster :
                config.kubernetes().clusters().entrySet()) {
            links.add(link(cluster.getKey(), cluster.getValue(), vendors));
        }
        links.forEach(ClusterLink::start);
    }

    /**
     * Work may come to any cluster that takes some, so what somebody may do in a namespace is what he may do in that
     * namespace of each; an admin may do all.
     */
    @Override
    public @Nullable Rejection refusal(Caller caller, Deed deed, JobKind kind, String namespace, String queueName) {
        if (caller.role() == Role.ADMIN) {
            return null;
        }
        for (ClusterLink link : links) {
            Rejection refusal = link.refusal(caller.name(), ClusterAccess.wish(deed, kind, namespace), queueName);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    public void stop() {
        links.forEach(ClusterLink::stop);
    }

    private VendorTable vendors() throws SettingsException {
        try {
            return VendorTable.load(config.kubernetes().vendorsFile());
        } catch (IOException e) {
            throw new SettingsException("interposer.kubernetes.vendors-file: " + e.getMessage());
        }
    }

    private ClusterLink link(String name, ServerConfig.Cluster cluster, VendorTable vendors) throws SettingsException {
        if (!name.matches(NAME)) {
            throw new SettingsException("interposer.kubernetes.clusters." + name
                    + " must be a DNS label: it is the first part of the names of nodes");
        }
        if (cluster.objects() && cluster.mode() == ClusterMode.OBSERVE) {
            throw new SettingsException("interposer.kubernetes.clusters." + name
                    + ".objects must not be true in mode observe, which writes nothing. Maybe mode manage?");
        }
        NodeReader reader = new NodeReader(name, vendors, cluster.mode() == ClusterMode.OBSERVE);
        return new ClusterLink(
                client(name, cluster),
                reader,
                new FleetAccess(hub, loop, view),
                config.kubernetes().patience(),
                cluster.objects());
    }

    private static KubernetesClient client(String name, ServerConfig.Cluster cluster) throws SettingsException {
        Config read = cluster.kubeconfig().isPresent()
                ? kubeconfig(name, cluster.kubeconfig().get(), cluster.context().orElse(null))
                : Config.autoConfigure(cluster.context().orElse(null));
        Config settings = new ConfigBuilder(read)
                .withRequestTimeout(REQUEST_MILLIS)
                .withConnectionTimeout(REQUEST_MILLIS)
                // Whoever asks knows when to ask again.
                .withRequestRetryBackoffLimit(0)
                .build();
        return new KubernetesClientBuilder().withConfig(settings).build();
    }

    private static Config kubeconfig(String name, Path file, @Nullable String context) throws SettingsException {
        String setting = "interposer.kubernetes.clusters." + name + ".kubeconfig (" + file + ")";
        if (!Files.isReadable(file)) {
            throw new SettingsException(setting + " can't be read");
        }
        try {
            return Config.fromKubeconfig(context, file.toFile());
        } catch (RuntimeException e) {
            throw new SettingsException(setting + " is no kubeconfig: " + e.getMessage());
        }
    }
}
