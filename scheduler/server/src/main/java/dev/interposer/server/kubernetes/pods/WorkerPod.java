package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.Order;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.WorkerKey;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is wanted of one worker, and what is known of its pod. All of it can be had anew from orders and pods. */
final class WorkerPod {
    private static final long NO_GRACE = Long.MAX_VALUE;

    final WorkerKey key;
    final Pause pause = new Pause();

    /** Nodes under whose names it was put down. */
    final Set<String> places = new HashSet<>();

    /** Name in Kubernetes of the node that its order names; empty for none. */
    String node = "";

    @Nullable
    Order order;

    /** As it was seen last; stays when it is gone. */
    @Nullable
    SeenPod pod;

    /** Another pod of its name, made by a request that came very late: its own had run by then. */
    @Nullable
    SeenPod late;

    /** The pod was there and is no more. */
    boolean gone;

    /** The watch has shown that it is gone, so that it shows no more of it. */
    private boolean watched;

    /** The watch has shown it, not only an answer: it will show when it is gone, too. */
    boolean confirmed;

    /** It was made in this term, or may have been. */
    boolean made;

    /** A create is under way, or was and nobody knows what became of it. */
    boolean unsure;

    /** Nobody ordered it and it may be stopped. */
    boolean stray;

    /** It was seen while it may have run, so that its end is news also if nobody ordered it. */
    boolean alive;

    /** A request or a report of it is under way. */
    boolean busy;

    boolean startTold;
    boolean endTold;

    /** Why it can't go on: its pod is to go, and that is what is told then. */
    @Nullable
    PodEnd doom;

    /** The shortest grace with which its deletion was asked for. */
    long askedGraceSeconds = NO_GRACE;

    long stuckSinceMillis = -1;

    /** When an answer last showed its pod. */
    long madeMillis;

    WorkerPod(WorkerKey key) {
        this.key = key;
    }

    /** Orders and what was told are of a term; pods are not. */
    void forgetTerm() {
        order = null;
        node = "";
        doom = null;
        stray = false;
        made = busy;
        startTold = false;
        endTold = false;
        alive = pod != null && pod.bound() && !ended();
        askedGraceSeconds = NO_GRACE;
        stuckSinceMillis = -1;
        pause.clear();
    }

    /** What an answer or the watch shows; what is older than what is known is not news. */
    void see(SeenPod seen, boolean byWatch) {
        SeenPod known = pod;
        if (known != null && seen.version() < known.version()) {
            // Of the pod itself, or of one of its name that was there before it.
            confirmed |= byWatch && known.uid().equals(seen.uid());
            return;
        }
        if (known != null && known.uid().equals(seen.uid())) {
            if (gone || (known.bound() && !seen.bound())) {
                confirmed |= byWatch;
                return;
            }
        } else if (known != null && (known.bound() || known.terminal())) {
            late = seen;
            return;
        } else {
            gone = false;
            watched = false;
            confirmed = false;
            askedGraceSeconds = NO_GRACE;
        }
        pod = seen;
        unsure = false;
        confirmed |= byWatch;
        alive |= seen.bound() && !seen.terminal();
    }

    /** What the watch showed may be no more: it began anew. */
    void doubt() {
        watched |= gone;
        confirmed = false;
        madeMillis = 0;
    }

    /** By our own asking; the watch may show it later. */
    void bound(String where) {
        if (pod != null && !pod.bound()) {
            pod = pod.boundTo(where);
        }
    }

    /** It is no more, as far as it is this pod. */
    void lose(String uid, boolean byWatch) {
        if (late != null && late.uid().equals(uid)) {
            late = null;
        } else if (pod != null && pod.uid().equals(uid)) {
            gone = true;
            unsure = false;
            watched |= byWatch;
        }
    }

    /** Its pod, while there is one. */
    @Nullable
    SeenPod present() {
        return gone ? null : pod;
    }

    /** Nothing of it runs, or will. */
    boolean ended() {
        return gone || (pod != null && pod.terminal());
    }

    boolean isAssigned() {
        return order instanceof Order.Assign;
    }

    /** Whether its pod is to go. */
    boolean isLeaving() {
        return doom != null || stray || order instanceof Order.Release;
    }

    /** Whether nothing would be lost by forgetting it. */
    boolean isForgettable() {
        boolean told = endTold || !alive;
        return told && !busy && !unsure && order == null && late == null && (pod == null || (gone && watched));
    }

    /** What is known of where it is; empty for nothing. */
    String place() {
        if (!node.isEmpty()) {
            return node;
        }
        return pod == null ? "" : pod.place();
    }

    /** How it ended, once it has. */
    PodEnd end() {
        PodEnd doomed = doom;
        SeenPod last = pod;
        boolean released = order instanceof Order.Release || stray;
        if (last != null && last.terminal() && last.ownEnd() && last.end() != null) {
            return last.end();
        }
        if (doomed != null) {
            return doomed;
        }
        if (last != null) {
            return last.end(released);
        }
        return released ? PodEnd.of(EndCause.RELEASED, "") : PodEnd.of(EndCause.EVICTED, "its pod is gone");
    }

    /** Time to end for its pod, in seconds. */
    long graceSeconds(long otherwise) {
        return switch (order) {
            case Order.Release release -> release.graceSeconds();
            case Order.Assign assign -> assign.graceSeconds();
            case null -> otherwise;
        };
    }
}
