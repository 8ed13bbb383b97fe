package dev.interposer.server.kubernetes.pods;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pods that ended, whose end the ledger has: kept for their logs, for a while and not too many of them. */
final class EndedPods {
    private final long keepMillis;
    private final int most;

    /** By uid, the earliest first. */
    private final Map<String, Ended> ended = new LinkedHashMap<>();

    private record Ended(SeenPod pod, long atMillis) {}

    EndedPods(PodSettings settings) {
        this.keepMillis = settings.keepEnded().toMillis();
        this.most = settings.mostEnded();
    }

    void add(SeenPod pod, long nowMillis) {
        ended.putIfAbsent(pod.uid(), new Ended(pod, nowMillis));
    }

    void gone(String uid) {
        ended.remove(uid);
    }

    void clear() {
        ended.clear();
    }

    /** Those that are kept no longer; each is named once, unless it is added again. */
    List<SeenPod> due(long nowMillis) {
        List<SeenPod> due = new ArrayList<>();
        Iterator<Ended> all = ended.values().iterator();
        while (all.hasNext()) {
            Ended next = all.next();
            if (ended.size() <= most && next.atMillis() + keepMillis > nowMillis) {
                break;
            }
            due.add(next.pod());
            all.remove();
        }
        return due;
    }
}
