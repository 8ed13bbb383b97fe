package dev.interposer.agent.health;

import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.HealthPolicy.Response;
import dev.interposer.agent.health.HealthPolicy.Rule;
import dev.interposer.proto.agent.v1.Health;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The health of one device: the worst of what its signals lead to.
 *
 * <p><b>Goals.</b> One change for what is one fault; no device that comes and goes takes work each time it comes.
 *
 * <p><b>Constraints.</b> Knows no clock: whoever asks says the time, which never goes back.
 *
 * <p><b>Algorithm.</b> Each (kind, code) that a rule fits is an entry. A state is one from its beginning to so long
 * after its end as the rule says, an event for so long after it came. An entry counts once it has lasted, or come,
 * often enough. The worst entry that counts is the verdict. Each step from healthy to ill is remembered: too many of
 * them within the policy's time, and the worst of them stays until none has come for as long as it says.
 */
public final class DeviceHealth {
    private record Fact(Signal.Kind kind, String code) {}

    private static final class Entry {
        private final Rule rule;
        private final Deque<Long> cameMillis = new ArrayDeque<>();
        private long sinceMillis;
        /** {@link Rule#NEVER} while a state lasts. */
        private long untilMillis;

        private String detail = "";
        private boolean counted;

        Entry(Rule rule) {
            this.rule = rule;
        }

        boolean counts(long nowMillis) {
            return nowMillis < untilMillis
                    && nowMillis - sinceMillis >= rule.afterMillis()
                    && cameMillis.size() >= rule.count().times();
        }
    }

    /** The entry that says what the device is. */
    private record Leading(Fact fact, Verdict verdict) {
        private static final Leading NONE = new Leading(new Fact(Signal.Kind.REPORTED, ""), Verdict.HEALTHY);
    }

    private final HealthPolicy policy;
    private final Map<Fact, Entry> entries = new HashMap<>();
    private final Deque<Long> fellIllMillis = new ArrayDeque<>();
    private Leading ofSignals = Leading.NONE;
    private Verdict verdict = Verdict.HEALTHY;
    private Verdict worst = Verdict.HEALTHY;

    public DeviceHealth(HealthPolicy policy) {
        this.policy = policy;
    }

    public Verdict verdict() {
        return verdict;
    }

    /**
     * Takes a signal in.
     *
     * @return whether the verdict changed
     */
    public boolean signal(Signal signal, long nowMillis) {
        Rule rule = policy.rule(signal);
        if (rule == null || rule.response() == Response.IGNORE) {
            return false;
        }
        Fact fact = new Fact(signal.kind(), signal.code());
        if (signal.cleared()) {
            clear(fact, nowMillis);
        } else {
            raise(fact, rule, signal, nowMillis);
        }
        return judge(nowMillis);
    }

    /**
     * Time passes.
     *
     * @return whether the verdict changed
     */
    public boolean tick(long nowMillis) {
        return (!entries.isEmpty() || !fellIllMillis.isEmpty()) && judge(nowMillis);
    }

    /** What counts until the machine restarts, so that the next agent can be told of it. */
    public List<Signal> lasting(String device) {
        List<Signal> lasting = new ArrayList<>();
        entries.forEach((fact, entry) -> {
            boolean lasts = entry.rule.clearAfterMillis() == Rule.NEVER && entry.untilMillis == Rule.NEVER;
            if (lasts && entry.counted) {
                lasting.add(Signal.raised(device, fact.kind, fact.code, entry.detail));
            }
        });
        return lasting;
    }

    private void raise(Fact fact, Rule rule, Signal signal, long nowMillis) {
        Entry entry = entries.computeIfAbsent(fact, _ -> new Entry(rule));
        boolean lasts = fact.kind().state();
        if (lasts && entry.untilMillis == Rule.NEVER) {
            // The same state again, such as a driver that began anew says.
            return;
        }
        if (nowMillis >= entry.untilMillis) {
            entry.sinceMillis = nowMillis;
        }
        entry.detail = signal.detail();
        entry.cameMillis.addLast(nowMillis);
        forget(
                entry.cameMillis,
                nowMillis,
                rule.count().withinMillis(),
                rule.count().times());
        entry.untilMillis = lasts ? Rule.NEVER : after(nowMillis, rule.clearAfterMillis());
    }

    private void clear(Fact fact, long nowMillis) {
        Entry entry = entries.get(fact);
        if (entry == null) {
            return;
        }
        if (!entry.counts(nowMillis)) {
            // Over before it counted; that it came is remembered.
            entry.untilMillis = nowMillis;
        } else if (entry.untilMillis == Rule.NEVER && entry.rule.clearAfterMillis() != Rule.NEVER) {
            entry.untilMillis = after(nowMillis, entry.rule.clearAfterMillis());
        }
    }

    private static long after(long nowMillis, long millis) {
        return millis == Rule.NEVER ? Rule.NEVER : nowMillis + millis;
    }

    private boolean judge(long nowMillis) {
        Verdict before = verdict;
        Leading found = ofEntries(nowMillis);
        boolean same = found.verdict.health() == ofSignals.verdict.health() && found.fact.equals(ofSignals.fact);
        if (ofSignals.verdict.health() == Health.HEALTH_HEALTHY && !same) {
            fellIllMillis.addLast(nowMillis);
        }
        // Of one and the same fault the first words stay: they are a change only to the eye.
        ofSignals = same ? ofSignals : found;
        verdict = held(ofSignals.verdict, nowMillis);
        return !verdict.equals(before);
    }

    /** What is left of a device that fell ill too often, while that is not long enough ago. */
    private Verdict held(Verdict now, long nowMillis) {
        HealthPolicy.Flapping flapping = policy.flapping();
        Long last = fellIllMillis.peekLast();
        if (last == null) {
            return now;
        }
        worst = now.worseThan(worst) ? now : worst;
        while (fellIllMillis.size() > flapping.times()) {
            fellIllMillis.removeFirst();
        }
        boolean often =
                fellIllMillis.size() == flapping.times() && last - fellIllMillis.getFirst() <= flapping.withinMillis();
        boolean longAgo = nowMillis - last >= (often ? flapping.holdMillis() : flapping.withinMillis());
        if (longAgo && now.health() == Health.HEALTH_HEALTHY) {
            fellIllMillis.clear();
            worst = Verdict.HEALTHY;
            return now;
        }
        return often && worst.worseThan(now)
                ? new Verdict(worst.health(), "fell ill " + flapping.times() + " times, the worst: " + worst.cause())
                : now;
    }

    private Leading ofEntries(long nowMillis) {
        Entry leading = null;
        Fact leadingFact = Leading.NONE.fact;
        List<Fact> over = new ArrayList<>();
        for (Map.Entry<Fact, Entry> each : entries.entrySet()) {
            Entry entry = each.getValue();
            if (entry.counts(nowMillis)) {
                entry.counted = true;
                if (leading == null || leads(each.getKey(), entry, leadingFact, leading)) {
                    leading = entry;
                    leadingFact = each.getKey();
                }
            } else if (nowMillis >= entry.untilMillis
                    && nowMillis - entry.cameMillis.getLast()
                            >= entry.rule.count().withinMillis()) {
                over.add(each.getKey());
            }
        }
        over.forEach(entries::remove);
        return leading == null ? Leading.NONE : new Leading(leadingFact, verdict(leadingFact, leading));
    }

    /** The worse, then the one that came first, then by name: the cause must not change with the order of a map. */
    private static boolean leads(Fact fact, Entry entry, Fact than, Entry thanEntry) {
        int byResponse = entry.rule.response().compareTo(thanEntry.rule.response());
        if (byResponse != 0) {
            return byResponse > 0;
        }
        if (entry.sinceMillis != thanEntry.sinceMillis) {
            return entry.sinceMillis < thanEntry.sinceMillis;
        }
        int byKind = fact.kind().compareTo(than.kind());
        return byKind == 0 ? fact.code().compareTo(than.code()) < 0 : byKind < 0;
    }

    private static Verdict verdict(Fact fact, Entry entry) {
        String what = fact.code().isEmpty() ? fact.kind().name() : fact.kind() + " " + fact.code();
        String cause = entry.detail.isEmpty() ? what : what + ": " + entry.detail;
        return new Verdict(health(entry.rule.response()), cause);
    }

    private static Health health(Response response) {
        return switch (response) {
            case IGNORE -> Health.HEALTH_HEALTHY;
            case SUSPECT -> Health.HEALTH_SUSPECT;
            case DRAINING -> Health.HEALTH_DRAINING;
            case FAILED -> Health.HEALTH_FAILED;
        };
    }

    private static void forget(Deque<Long> times, long nowMillis, long withinMillis, int most) {
        while (times.size() > 1 && (times.size() > most || nowMillis - times.getFirst() > withinMillis)) {
            times.removeFirst();
        }
    }
}
