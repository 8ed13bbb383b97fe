package dev.interposer.server.kubernetes.objects;

import dev.interposer.control.command.Command;
import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.server.kubernetes.FleetAccess;
import dev.interposer.server.kubernetes.WorkQueue;
import dev.interposer.server.view.ChangedJob;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.logging.Log;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The cluster in which people apply the objects of the fleet. Works only while this server leads. */
public final class ObjectLink {
    private static final int BATCH = 1_000;
    private static final long WAIT_MILLIS = 1_000;

    private final String cluster;
    private final FleetAccess fleet;
    private final WorkQueue queue;
    private final ObjectStores stores;
    private final JobSync jobs;
    private final SettingSync settings;
    private final Thread follower;
    private volatile boolean closed;

    /** Jobs of objects that are gone, as seen in the last round. */
    private Set<Long> orphans = new HashSet<>();

    public ObjectLink(String cluster, KubernetesClient client, FleetAccess fleet, WorkQueue queue) {
        this.cluster = cluster;
        this.fleet = fleet;
        this.queue = queue;
        this.stores = new ObjectStores(cluster, client, queue::add);
        ObjectApi api = new ObjectApi(client);
        this.jobs = new JobSync(cluster, stores, api, fleet, queue);
        this.settings = new SettingSync(cluster, stores, api, fleet, queue);
        this.follower = Thread.ofPlatform()
                .name("cluster-" + cluster + "-jobs")
                .daemon()
                .unstarted(this::follow);
    }

    /** Begins to watch; the API server must answer. */
    public void start() {
        stores.start();
        follower.start();
    }

    public void stop() {
        closed = true;
        follower.interrupt();
        stores.stop();
    }

    /** Whether everything was read once. */
    public boolean synced() {
        return stores.synced();
    }

    /** Why jobs of a namespace may not wait in a queue; empty if they may. */
    public String closedTo(String namespace, String queueName) {
        return jobs.closedTo(namespace, queueName);
    }

    public void look(ObjectKey key) {
        if (key.kind().isJob()) {
            jobs.look(key);
        } else {
            settings.look(key);
        }
    }

    /** Looks at everything, and for jobs whose object is gone although it should have waited for them. */
    public void lookAtAll() {
        stores.keys().forEach(key -> queue.add(key.toString()));
        Set<Long> before = orphans;
        orphans = new HashSet<>();
        Map<Long, String> gone = new HashMap<>();
        fleet.view().eachJob(job -> {
            boolean mine = !job.ended() && job.spec().labels().containsKey(JobSpec.OBJECT_UID);
            if (mine && !stores.hasJob(job.fullName(), job.spec().labels().get(JobSpec.OBJECT_UID))) {
                // Once may be a watch that is behind.
                orphans.add(job.id());
                if (before.contains(job.id())) {
                    gone.put(job.id(), job.fullName());
                }
            }
        });
        gone.forEach((id, name) -> fleet.loop()
                .submit(
                        new Command.CancelJob(Actor.SCHEDULER, name, id),
                        0,
                        outcome -> Log.warnf("cluster %s: job %s has no object any more: %s", cluster, name, outcome)));
    }

    /** Looks at some of the jobs that wait: what keeps them changes without a change of their own. */
    public void lookAtWaiting() {
        stores.someWaiting().forEach(key -> queue.add(key.toString()));
    }

    /** What becomes of jobs is shown in their objects. */
    private void follow() {
        while (!closed) {
            try {
                WatchLog<ChangedJob> log = fleet.view().changes();
                long cursor = log.newest();
                stores.keys().forEach(key -> queue.add(key.toString()));
                while (fleet.view().changes() == log) {
                    WatchLog.Batch<ChangedJob> batch = log.read(cursor, BATCH, change -> true);
                    for (ChangedJob change : batch.changes()) {
                        stores.jobs(change.namespace() + "/" + change.name()).forEach(key -> queue.add(key.toString()));
                    }
                    cursor = batch.cursor();
                    if (batch.changes().isEmpty()) {
                        log.await(cursor, WAIT_MILLIS);
                    }
                }
            } catch (WatchLog.OutOfRangeException e) {
                Log.infof("cluster %s: more changed than could be followed; all jobs are looked at", cluster);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
