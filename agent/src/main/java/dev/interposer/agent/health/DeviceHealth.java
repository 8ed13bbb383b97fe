package dev.interposer.agent.health;

import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.HealthPolicy.Response;
import dev.interposer.agent.health.HealthPolicy.Rule;
import dev.interposer.proto.agent.v1.Health;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

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
        /** A state that an earlier agent knew of, and that nobody has told to this one. */
        private boolean inherited;
        /** A state that was told to have ended, whatever its rule makes of that. */
        private boolean over;

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

    private static final Comparator<Signal> IN_ORDER =
            Comparator.comparing(Signal::kind).thenComparing(Signal::code);

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

    /**
     * Takes in what counted for an earlier agent, so that it counts at once and not after its time anew.
     *
     * @return whether the verdict changed
     */
    public boolean inherit(Signal signal, long nowMillis) {
        Rule rule = policy.rule(signal);
        if (rule == null || rule.response() == Response.IGNORE) {
            return false;
        }
        Entry entry = inherited(rule, signal, nowMillis);
        boolean lasts = signal.kind().state();
        entry.untilMillis = lasts ? Rule.NEVER : after(nowMillis, rule.clearAfterMillis());
        entry.inherited = lasts;
        return judge(nowMillis);
    }

    /**
     * The same of what was wearing off: it has what was left of its time, and never more than it would get now.
     *
     * @return whether the verdict changed
     */
    public boolean inherit(Fading fading, long nowMillis) {
        Rule rule = policy.rule(fading.signal());
        if (rule == null || rule.response() == Response.IGNORE || fading.untilMillis() <= nowMillis) {
            return false;
        }
        Entry entry = inherited(rule, fading.signal(), nowMillis);
        entry.untilMillis = Math.min(fading.untilMillis(), after(nowMillis, rule.clearAfterMillis()));
        entry.over = true;
        return judge(nowMillis);
    }

    /**
     * Takes in how often it fell ill for an earlier agent, after all else that is inherited: what counts for this one
     * from its beginning is no fall anew.
     *
     * @return whether the verdict changed
     */
    public boolean inherit(Falls falls, long nowMillis) {
        fellIllMillis.clear();
        falls.atMillis().forEach(at -> fellIllMillis.addLast(Math.min(at, nowMillis)));
        worst = falls.worst();
        return judge(nowMillis);
    }

    private Entry inherited(Rule rule, Signal signal, long nowMillis) {
        Entry entry = new Entry(rule);
        entry.sinceMillis = nowMillis - rule.afterMillis();
        for (int time = 0; time < rule.count().times(); time++) {
            entry.cameMillis.addLast(nowMillis);
        }
        entry.detail = signal.detail();
        entries.put(new Fact(signal.kind(), signal.code()), entry);
        return entry;
    }

    /**
     * Whoever would tell of a state again has had the time for it: what was inherited and not told is over. One that
     * lasts until the machine restarts counts on, but is for {@link #forget} to end.
     *
     * @return whether the verdict changed
     */
    public boolean disinherit(long nowMillis) {
        entries.forEach((fact, entry) -> {
            if (entry.inherited) {
                clear(fact, nowMillis);
            }
        });
        return judge(nowMillis);
    }

    /**
     * An operator's word that what lasts until the machine restarts is mended, such as by a reset. States that stand
     * stay.
     *
     * @return whether the verdict changed
     */
    public boolean forget(long nowMillis) {
        entries.entrySet()
                .removeIf(each -> each.getValue().rule.clearAfterMillis() == Rule.NEVER
                        && (each.getValue().over || !each.getKey().kind().state()));
        fellIllMillis.clear();
        worst = Verdict.HEALTHY;
        return judge(nowMillis);
    }

    /** What counts until the machine restarts, so that the next agent can be told of it. */
    public List<Signal> lasting(String device) {
        return counted(device, entry -> entry.rule.clearAfterMillis() == Rule.NEVER);
    }

    /** States that count and will be over, so that the next agent takes them as they are until it knows better. */
    public List<Signal> standing(String device) {
        return counted(device, entry -> entry.rule.clearAfterMillis() != Rule.NEVER);
    }

    /** What counts and ends by itself. */
    public List<Fading> fading(String device) {
        List<Fading> fading = new ArrayList<>();
        entries.forEach((fact, entry) -> {
            if (entry.counted && entry.untilMillis != Rule.NEVER) {
                Signal signal = Signal.raised(device, fact.kind, fact.code, entry.detail);
                fading.add(new Fading(signal, entry.untilMillis));
            }
        });
        fading.sort(Comparator.comparing(Fading::signal, IN_ORDER));
        return fading;
    }

    public Falls falls() {
        return fellIllMillis.isEmpty() ? Falls.NONE : new Falls(List.copyOf(fellIllMillis), worst);
    }

    private List<Signal> counted(String device, Predicate<Entry> which) {
        List<Signal> signals = new ArrayList<>();
        entries.forEach((fact, entry) -> {
            if (entry.counted && entry.untilMillis == Rule.NEVER && which.test(entry)) {
                signals.add(Signal.raised(device, fact.kind, fact.code, entry.detail));
            }
        });
        signals.sort(IN_ORDER);
        return signals;
    }

    private void raise(Fact fact, Rule rule, Signal signal, long nowMillis) {
        Entry entry = entries.computeIfAbsent(fact, _ -> new Entry(rule));
        boolean lasts = fact.kind().state();
        if (lasts && entry.untilMillis == Rule.NEVER) {
            // The same state again, such as a driver that began anew says.
            entry.inherited = false;
            entry.over = false;
            return;
        }
        if (nowMillis >= entry.untilMillis) {
            entry.sinceMillis = nowMillis;
            entry.counted = false;
        }
        entry.over = false;
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
        entry.inherited = false;
        entry.over = true;
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
