package dev.interposer.control.core;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.state.State;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Publishes what each queue has used of late, every few minutes.
 *
 * <p>What a decision reads is an event, and it must not move with each start; so use is averaged here and locked
 * until the next time. With {@code u} the present use and {@code h} the half-life, the average {@code a} moves by
 * {@code (u − a) · dt · ln 2 / h}: the first-order form of exponential decay, which for a half-life of days and steps
 * of minutes is off by less than a thousandth.
 */
final class ChargeKeeper {
    private static final long EVERY_SECONDS = 300;
    private static final long DEFAULT_HALF_LIFE_SECONDS = 7L * 86_400;
    private static final long LN2_MICRO = 693_147;

    private final State state;
    private final PageDraft page;
    private final Supplier<QueueTree> queues;
    private long nextSecond;

    ChargeKeeper(State state, PageDraft page, Supplier<QueueTree> queues) {
        this.state = state;
        this.page = page;
        this.queues = queues;
    }

    /** Publishes if it is time and something has changed by more than a hundredth. */
    void keep() {
        long second = page.atMicros() / 1_000_000;
        if (second < nextSecond) {
            return;
        }
        nextSecond = second + EVERY_SECONDS;
        Settings settings = state.settings();
        long passed = second - settings.chargeEpoch();
        if (settings.chargeEpoch() == 0) {
            // The clock of the first period starts with the first page that has a queue.
            if (!settings.queues().isEmpty()) {
                page.add(Actor.SCHEDULER, new SettingEvent.ChargesPublished(second, Map.of()));
            }
        } else if (passed >= EVERY_SECONDS) {
            Map<String, Long> charges = averages(settings, passed);
            if (differs(settings.chargesMilli(), charges)) {
                page.add(Actor.SCHEDULER, new SettingEvent.ChargesPublished(second, charges));
            }
        }
    }

    private Map<String, Long> averages(Settings settings, long passedSeconds) {
        TreeMap<String, Long> charges = new TreeMap<>();
        for (QueueNode node : queues.get().all()) {
            JobQueue queue = settings.queue(node.name());
            long halfLife = queue == null || queue.usageHalfLifeSeconds() == 0
                    ? DEFAULT_HALF_LIFE_SECONDS
                    : queue.usageHalfLifeSeconds();
            long before = settings.chargesMilli().getOrDefault(node.name(), 0L);
            long factorMicro = Math.min(1_000_000, passedSeconds * LN2_MICRO / halfLife);
            long now = before + Math.multiplyExact(node.currentMilli() - before, factorMicro) / 1_000_000;
            if (now != 0) {
                charges.put(node.name(), now);
            }
        }
        return charges;
    }

    private static boolean differs(Map<String, Long> before, Map<String, Long> now) {
        if (!before.keySet().equals(now.keySet())) {
            return true;
        }
        return now.entrySet().stream()
                .anyMatch(entry -> Math.abs(entry.getValue() - before.getOrDefault(entry.getKey(), 0L)) * 100
                        > before.getOrDefault(entry.getKey(), 0L));
    }
}
