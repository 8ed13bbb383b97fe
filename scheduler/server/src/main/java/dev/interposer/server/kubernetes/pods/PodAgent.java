package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.ActorKind;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.server.kubernetes.FleetAccess;
import dev.interposer.server.loop.DurableListener;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.LiveView;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One cluster as an agent: takes the orders for its nodes, and says what runs there. */
public final class PodAgent implements DurableListener {
    private static final long ROSTER_SECONDS = 10;

    private final String cluster;
    private final Actor actor;
    private final SchedulerLoop loop;
    private final LiveView view;
    private final FabricPodApi api;
    private final PodController controller;
    private final PodWatch watch;
    private final boolean objects;

    /** @param objects whether jobs are objects of this cluster */
    public PodAgent(String cluster, KubernetesClient client, FleetAccess fleet, boolean objects) {
        this.cluster = cluster;
        this.actor = new Actor(ActorKind.KUBERNETES, cluster, "kubernetes");
        this.loop = fleet.loop();
        this.view = fleet.view();
        this.objects = objects;
        this.api = new FabricPodApi(client, () -> loop.epoch() != 0);
        this.controller = new PodController(
                api, this::tell, PodSettings.DEFAULT, () -> System.nanoTime() / 1_000_000, new Knowledge());
        this.watch = new PodWatch(cluster, client, controller);
    }

    /** Before the loop is started. */
    public void start() {
        loop.listen(this);
        controller.start("cluster-" + cluster + "-pods");
    }

    public void stop() {
        watch.stop();
        controller.stop();
        api.close();
    }

    /** Begins to watch, or begins anew; the API server must answer. */
    public void watch() {
        watch.start();
    }

    /** Whether all pods of this fleet are known. */
    public boolean isSynced() {
        return controller.isSynced();
    }

    /** What runs on a node, by its name in Kubernetes. */
    public CompletableFuture<NodeRoster> roster(String node) {
        return controller
                .roster(node, key -> view.<Boolean>read(state -> expects(state, key)))
                .orTimeout(ROSTER_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void leading(long epoch, long incarnation) {
        controller.leading(epoch);
    }

    @Override
    public void following() {
        controller.following();
    }

    @Override
    public void orders(List<NodeOrders> orders) {
        controller.orders(orders);
    }

    private static boolean expects(State state, WorkerKey key) {
        JobState job = state.jobs().find(key.jobId());
        if (job == null || key.gang() < 0 || key.gang() >= job.gangs().size()) {
            return false;
        }
        WorkerState worker = job.gangs().get(key.gang()).worker(key.attempt(), key.worker());
        return worker != null && !worker.ended();
    }

    private void tell(String node, ReportedWorker said, Consumer<Boolean> then) {
        Command command = new Command.ReportWorker(actor, cluster + "/" + node, said);
        loop.submit(command, 0, outcome -> {
            // A node that is not known any more has no worker to be told of.
            boolean unknown =
                    outcome instanceof Outcome.Rejected(var rejection) && rejection.code() == ErrorCode.NOT_FOUND;
            then.accept(unknown || !(outcome instanceof Outcome.Rejected));
        });
    }

    /** What is durable, for the controller's own thread. */
    private final class Knowledge implements PodController.Knowledge {
        @Override
        public String node(long id) {
            String prefix = cluster + "/";
            NodeState node = view.read(state -> state.nodes().find(id));
            return node == null || !node.name().startsWith(prefix)
                    ? ""
                    : node.name().substring(prefix.length());
        }

        @Override
        public String kubernetesOfClass(String name) {
            AcceleratorClass found = view.read(state -> state.settings().classes().stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElse(null));
            return found == null ? "" : found.kubernetesJson();
        }

        @Override
        public @Nullable OwnerReference owner(long jobId) {
            return objects ? view.read(state -> ownerOf(state.jobs().find(jobId))) : null;
        }

        private @Nullable OwnerReference ownerOf(@Nullable JobState job) {
            String uid = job == null ? null : job.spec().labels().get(JobSpec.OBJECT_UID);
            return job == null || uid == null
                    ? null
                    : new OwnerReferenceBuilder()
                            .withApiVersion("interposer.dev/v1alpha1")
                            .withKind(job.spec().kind() == JobKind.TRAINING ? "TrainingJob" : "InferenceJob")
                            .withName(job.name())
                            .withUid(uid)
                            .withController(true)
                            .build();
        }

        @Override
        public LedgerMark mark(long epoch) {
            LiveView.Durable durable = view.durable();
            return new LedgerMark(durable.incarnation(), epoch, durable.revision());
        }
    }
}
