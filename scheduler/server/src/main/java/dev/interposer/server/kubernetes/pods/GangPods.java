package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.Order;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.server.kubernetes.pods.MadePod.Made;
import dev.interposer.server.kubernetes.pods.MadePod.Refused;
import dev.interposer.server.kubernetes.pods.PodApi.Answer;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pods of one attempt, which start all or none.
 *
 * <p>Goals: none is bound before all are made; what was made is taken back if one can't be; whoever looks again, after
 * a lost answer or a restart, goes on from what is there. Algorithm: one pod of each role is tried without making it,
 * then all are made, then the Service, then all are bound. A pod that is not bound runs nowhere, so until the first is
 * bound everything can be taken back, and once one is, no more pods are made: one that is missing then has been there.
 */
final class GangPods {
    final GangKey key;
    private final TreeMap<Integer, WorkerPod> workers = new TreeMap<>();
    private final Set<String> triedRoles = new HashSet<>();
    private final Pause pause = new Pause();
    private @Nullable String refusal;
    private Order.@Nullable Assign known;
    private boolean serviceMade;
    private boolean busy;

    GangPods(GangKey key) {
        this.key = key;
    }

    WorkerPod worker(WorkerKey worker) {
        return workers.computeIfAbsent(worker.worker(), index -> new WorkerPod(worker));
    }

    Collection<WorkerPod> workers() {
        return workers.values();
    }

    /** An order of one of its workers, from whose words the others' names follow. */
    void learn(Order.Assign order) {
        known = order;
    }

    /** Orders and what was decided on them are of a term. */
    void forgetTerm() {
        workers.values().forEach(WorkerPod::forgetTerm);
        triedRoles.clear();
        refusal = null;
        serviceMade = false;
        pause.clear();
    }

    /** Whether nothing would be lost by forgetting it: all of its workers ended, and their pods are gone. */
    boolean isForgettable() {
        return !busy && workers.values().stream().allMatch(WorkerPod::isForgettable);
    }

    String namespace() {
        return order().namespace();
    }

    String podName(WorkerPod worker) {
        return PodNames.pod(order().jobName(), worker.key);
    }

    private Order.Assign order() {
        if (known == null) {
            throw new IllegalStateException("no pod of " + key + " was ever asked for");
        }
        return known;
    }

    void step(PodWork work) {
        if (refusal != null) {
            PodEnd rejected = PodEnd.of(EndCause.POD_REJECTED, refusal);
            workers.values().stream()
                    .filter(worker -> worker.doom == null && worker.isAssigned())
                    .forEach(worker -> worker.doom = rejected);
        }
        if (refusal == null && isWhole()) {
            admit(work);
        }
        WorkerSteps steps = new WorkerSteps(this, work);
        workers.values().forEach(steps::step);
    }

    /** Whether every worker is ordered, or there, and none of them is on its way out. */
    private boolean isWhole() {
        boolean wanted = false;
        for (WorkerPod worker : workers.values()) {
            SeenPod pod = worker.pod;
            boolean completed = pod != null && pod.terminal() && worker.end().cause() == EndCause.COMPLETED;
            if (worker.isLeaving() || (worker.ended() && !completed)) {
                return false;
            }
            wanted |= worker.isAssigned();
        }
        // Who has ended long ago is neither ordered nor there.
        return wanted && (hasBegun() || workers.size() == order().worldSize());
    }

    /** Whether some of it has run, so that what is not there now has been. */
    private boolean hasBegun() {
        return order().begun() || workers.values().stream().anyMatch(GangPods::isBound);
    }

    private void admit(PodWork work) {
        boolean begun = hasBegun();
        List<WorkerPod> missing = workers.values().stream()
                .filter(worker -> worker.isAssigned() && worker.pod == null)
                .toList();
        if (begun) {
            missing.stream().filter(worker -> !worker.busy).forEach(worker -> worker.doom = WorkerSteps.vanished());
            if (missing.isEmpty()) {
                bind(work);
            }
        } else if (!missing.isEmpty()) {
            make(work, missing);
        } else if (order().worldSize() > 1 && !serviceMade) {
            name(work);
        } else {
            bind(work);
        }
    }

    private static boolean isBound(WorkerPod worker) {
        return worker.pod != null && (worker.pod.bound() || worker.pod.terminal());
    }

    private void make(PodWork work, List<WorkerPod> missing) {
        boolean fresh = missing.size() == workers.size() && order().worldSize() > 1;
        if (fresh && missing.stream().noneMatch(worker -> worker.unsure)) {
            for (WorkerPod worker : missing) {
                if (worker.order instanceof Order.Assign assign && !triedRoles.contains(assign.roleName())) {
                    tryOut(work, worker, assign);
                    return;
                }
            }
        }
        for (WorkerPod worker : missing) {
            if (worker.order instanceof Order.Assign assign && !worker.busy && worker.pause.isOver(work.nowMillis())) {
                create(work, worker, assign);
            }
        }
    }

    private void tryOut(PodWork work, WorkerPod worker, Order.Assign order) {
        Pod pod = pod(work, worker, order);
        if (pod == null || busy || !pause.isOver(work.nowMillis())) {
            return;
        }
        busy = true;
        work.api().dryRun(pod, work.then(this, answer -> {
            busy = false;
            switch (answer) {
                case Answer.Done done -> triedRoles.add(order.roleName());
                case Answer.Exists exists -> triedRoles.add(order.roleName());
                case Answer.Refused refused -> refusal = refused.words();
                case Answer.Missing missing -> pauseAll(work);
                case Answer.Unanswered unanswered -> pauseAll(work);
            }
        }));
    }

    private void create(PodWork work, WorkerPod worker, Order.Assign order) {
        Pod pod = pod(work, worker, order);
        if (pod == null) {
            return;
        }
        worker.busy = true;
        worker.unsure = true;
        worker.made = true;
        work.api().create(pod, work.then(this, answer -> {
            worker.busy = false;
            switch (answer) {
                case Answer.Done done -> made(work, worker, done.pod());
                case Answer.Exists exists -> meet(work, worker);
                case Answer.Refused refused -> {
                    worker.unsure = false;
                    refusal = refused.words();
                }
                case Answer.Missing missing -> pause(work, worker);
                case Answer.Unanswered unanswered -> pause(work, worker);
            }
        }));
    }

    /** One of this name is there: ours, whose answer got lost, or somebody's. */
    private void meet(PodWork work, WorkerPod worker) {
        worker.busy = true;
        work.api().get(namespace(), podName(worker), work.then(this, answer -> {
            worker.busy = false;
            if (answer instanceof Answer.Done(var pod)
                    && (pod == null || !pod.key().equals(worker.key))) {
                worker.unsure = false;
                refusal = "pod " + namespace() + "/" + podName(worker) + " is there already and is somebody else's";
            } else if (answer instanceof Answer.Done(var pod)) {
                made(work, worker, pod);
            } else {
                pause(work, worker);
            }
        }));
    }

    private static void made(PodWork work, WorkerPod worker, @Nullable SeenPod pod) {
        if (pod != null) {
            worker.see(pod, false);
            worker.madeMillis = work.nowMillis();
        }
        worker.unsure = false;
        worker.pause.clear();
    }

    private @Nullable Pod pod(PodWork work, WorkerPod worker, Order.Assign order) {
        return switch (PodMaker.make(order, work.place(order, worker.node))) {
            case Made made -> made.pod();
            case Refused refused -> {
                refusal = refused.text();
                work.again(this, 0);
                yield null;
            }
        };
    }

    private void name(PodWork work) {
        SeenPod first = workers.firstEntry().getValue().present();
        if (busy || !pause.isOver(work.nowMillis()) || first == null) {
            return;
        }
        busy = true;
        Consumer<Answer> then = work.then(this, answer -> {
            busy = false;
            switch (answer) {
                case Answer.Done done -> serviceMade = true;
                case Answer.Exists exists -> serviceMade = true;
                case Answer.Refused refused -> refusal = refused.words();
                case Answer.Missing missing -> pauseAll(work);
                case Answer.Unanswered unanswered -> pauseAll(work);
            }
        });
        work.api().create(GangService.of(order(), first.name(), first.uid()), then);
    }

    private void bind(PodWork work) {
        for (WorkerPod worker : workers.values()) {
            SeenPod pod = worker.present();
            if (pod != null
                    && !isBound(worker)
                    && worker.isAssigned()
                    && !worker.busy
                    && worker.pause.isOver(work.nowMillis())) {
                bind(work, worker, pod);
            }
        }
    }

    private void bind(PodWork work, WorkerPod worker, SeenPod pod) {
        String node = worker.node;
        worker.busy = true;
        work.api().bind(pod, node, work.then(this, answer -> {
            worker.busy = false;
            switch (answer) {
                case Answer.Done done -> {
                    worker.bound(node);
                    worker.pause.clear();
                }
                case Answer.Missing missing -> worker.lose(pod.uid(), false);
                case Answer.Refused refused -> refusal = refused.words();
                case Answer.Exists exists -> pause(work, worker);
                case Answer.Unanswered unanswered -> pause(work, worker);
            }
        }));
    }

    private void pause(PodWork work, WorkerPod worker) {
        work.again(this, worker.pause.begin(work.nowMillis()));
    }

    private void pauseAll(PodWork work) {
        work.again(this, pause.begin(work.nowMillis()));
    }
}
