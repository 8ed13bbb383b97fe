package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.EndCause;
import dev.interposer.server.kubernetes.pods.PodApi.Answer;
import dev.interposer.server.kubernetes.pods.PodEnds.Stuck;
import java.util.List;

/**
 * What is done about one worker that has a pod, or is to have none: telling that it began, letting its pod go, telling
 * that it ended. One thing at a time; what failed is done again after a pause.
 */
final class WorkerSteps {
    /** For a pod that nobody ordered. */
    private static final long STRAY_GRACE_SECONDS = 30;

    /** An answer that the watch has not borne out for so long is doubted. */
    private static final long UNCONFIRMED_MILLIS = 5_000;

    private final GangPods gang;
    private final PodWork work;

    WorkerSteps(GangPods gang, PodWork work) {
        this.gang = gang;
        this.work = work;
    }

    void step(WorkerPod worker) {
        if (worker.busy || !worker.pause.isOver(work.nowMillis())) {
            return;
        }
        SeenPod late = worker.late == null && worker.endTold && !worker.ended() ? worker.pod : worker.late;
        if (late != null) {
            delete(worker, late);
        } else if (!worker.endTold) {
            follow(worker);
        }
    }

    private void follow(WorkerPod worker) {
        if (worker.ended()) {
            if (worker.order != null || worker.alive) {
                tellEnd(worker);
            }
            return;
        }
        SeenPod pod = worker.pod;
        if (pod == null) {
            if (worker.isLeaving() && worker.unsure) {
                ask(worker);
            } else if (worker.isLeaving()) {
                tellEnd(worker);
            }
            return;
        }
        judge(worker, pod);
        if (worker.isLeaving()) {
            delete(worker, pod);
        } else if (worker.isAssigned() && pod.started() && !worker.startTold) {
            tellStart(worker);
        } else if (!worker.confirmed) {
            doubt(worker, pod);
        }
    }

    /** A worker that ended beside containers that go on, and one that can't begin. */
    private void judge(WorkerPod worker, SeenPod pod) {
        if (worker.doom != null || !worker.isAssigned() || pod.deleting()) {
            return;
        }
        Stuck stuck = pod.stuck();
        if (pod.end() != null) {
            worker.doom = pod.end();
        } else if (stuck == null) {
            worker.stuckSinceMillis = -1;
        } else {
            long now = work.nowMillis();
            if (worker.stuckSinceMillis < 0) {
                worker.stuckSinceMillis = now;
            }
            long left = worker.stuckSinceMillis + work.settings().stuck().toMillis() - now;
            if (left <= 0 || stuck.hopeless()) {
                worker.doom = PodEnd.of(stuck.cause(), stuck.message());
            } else {
                work.again(gang, left);
            }
        }
    }

    private void delete(WorkerPod worker, SeenPod pod) {
        // Without any grace the API server would forget a pod before its kubelet has stopped it, and one whose binding
        // got no answer may well run. It gives none to a pod that is not bound.
        long grace = Math.max(1, worker.graceSeconds(STRAY_GRACE_SECONDS));
        if (pod.equals(worker.pod) && grace >= worker.askedGraceSeconds) {
            if (!worker.confirmed) {
                doubt(worker, pod);
            }
            return;
        }
        worker.busy = true;
        work.api().delete(pod, grace, work.then(gang, answer -> {
            worker.busy = false;
            switch (answer) {
                case Answer.Done done -> {
                    worker.pause.clear();
                    if (pod.equals(worker.late)) {
                        pause(worker);
                    } else {
                        worker.askedGraceSeconds = Math.min(grace, worker.askedGraceSeconds);
                    }
                }
                case Answer.Missing missing -> worker.lose(pod.uid(), false);
                case Answer.Exists exists -> pause(worker);
                case Answer.Refused refused -> pause(worker);
                case Answer.Unanswered unanswered -> pause(worker);
            }
        }));
    }

    private void doubt(WorkerPod worker, SeenPod pod) {
        long left = worker.madeMillis + UNCONFIRMED_MILLIS - work.nowMillis();
        if (left > 0) {
            work.again(gang, left);
            return;
        }
        worker.busy = true;
        work.api().get(pod.namespace(), pod.name(), work.then(gang, answer -> {
            worker.busy = false;
            worker.madeMillis = work.nowMillis();
            switch (answer) {
                case Answer.Done done -> {
                    if (done.pod() != null && done.pod().uid().equals(pod.uid())) {
                        worker.see(done.pod(), false);
                    } else {
                        worker.lose(pod.uid(), false);
                    }
                }
                case Answer.Missing missing -> worker.lose(pod.uid(), false);
                case Answer.Exists exists -> pause(worker);
                case Answer.Refused refused -> pause(worker);
                case Answer.Unanswered unanswered -> pause(worker);
            }
        }));
    }

    /** Whether a create, whose answer got lost, has made a pod. */
    private void ask(WorkerPod worker) {
        worker.busy = true;
        work.api().get(gang.namespace(), gang.podName(worker), work.then(gang, answer -> {
            worker.busy = false;
            switch (answer) {
                case Answer.Done done -> {
                    if (done.pod() != null && done.pod().key().equals(worker.key)) {
                        worker.see(done.pod(), false);
                    } else {
                        worker.unsure = false;
                    }
                }
                // One that comes yet is nobody's, and is never bound.
                case Answer.Missing missing -> worker.unsure = false;
                case Answer.Exists exists -> pause(worker);
                case Answer.Refused refused -> pause(worker);
                case Answer.Unanswered unanswered -> pause(worker);
            }
        }));
    }

    private void tellStart(WorkerPod worker) {
        worker.busy = true;
        work.reports().tell(worker.place(), ReportedWorker.running(worker.key), work.then(gang, durable -> {
            worker.busy = false;
            worker.startTold = durable;
            told(worker, durable);
        }));
    }

    private void tellEnd(WorkerPod worker) {
        PodEnd end = worker.end();
        ReportedWorker said =
                new ReportedWorker(worker.key, false, end.cause(), end.exitCode(), end.message(), List.of(), "", "", 0);
        worker.busy = true;
        work.reports().tell(worker.place(), said, work.then(gang, durable -> {
            worker.busy = false;
            told(worker, durable);
            if (durable) {
                worker.endTold = true;
                worker.order = null;
            }
        }));
    }

    private void told(WorkerPod worker, boolean durable) {
        if (durable) {
            worker.pause.clear();
        } else {
            pause(worker);
        }
    }

    private void pause(WorkerPod worker) {
        work.again(gang, worker.pause.begin(work.nowMillis()));
    }

    /** A pod of a gang that runs whole, or ran, and of which nothing is known any more. */
    static PodEnd vanished() {
        return PodEnd.of(EndCause.EVICTED, "its pod is gone");
    }
}
