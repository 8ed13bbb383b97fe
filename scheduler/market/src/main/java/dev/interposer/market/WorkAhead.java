package dev.interposer.market;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.sourcing.ChipShare;
import dev.interposer.engine.sourcing.Portability;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What runs and waits, as chip-seconds within a horizon.
 *
 * <p>A gang counts for its smallest number of workers while it waits and for what it has while it runs; for as long as
 * its job says that it will take on, or for the whole horizon where the job says nothing, has outrun its word, or
 * serves. An estimate is that of the first profile and is taken for every class: conversion between chips is measured
 * later.
 */
final class WorkAhead {
    private final State state;
    private final Predicate<String> installed;
    private final Map<String, Long> healthyMilli;
    private final long horizonSeconds;
    private final Map<Long, Portability> ways = new HashMap<>();
    private final TreeMap<String, Long> pinnedByClass = new TreeMap<>();
    private final TreeMap<String, Long> flexibleByClass = new TreeMap<>();
    private final TreeMap<String, QueueWork> queues = new TreeMap<>();

    private WorkAhead(State state, Map<String, Long> installedMilli, Map<String, Long> healthyMilli, long horizon) {
        this.state = state;
        this.installed = name -> installedMilli.getOrDefault(name, 0L) > 0;
        this.healthyMilli = healthyMilli;
        this.horizonSeconds = horizon;
    }

    static WorkAhead of(
            State state, Map<String, Long> installedMilli, Map<String, Long> healthyMilli, long horizonSeconds) {
        WorkAhead work = new WorkAhead(state, installedMilli, healthyMilli, horizonSeconds);
        state.jobs().all().stream().filter(job -> !job.ended()).forEach(work::count);
        return work;
    }

    /** Thousandths of chips × seconds that only this class can serve, or that run on it. */
    long pinned(String className) {
        return pinnedByClass.getOrDefault(className, 0L);
    }

    /** Thousandths of chips × seconds of waiting work that could go elsewhere; the class's part of it. */
    long flexible(String className) {
        return flexibleByClass.getOrDefault(className, 0L);
    }

    List<QueueWork> queues() {
        return List.copyOf(queues.values());
    }

    private void count(JobState job) {
        JobSpec spec = job.spec();
        Portability of = ways.computeIfAbsent(job.specId(), id -> Portability.of(spec, state.settings()));
        if (of.admitted().isEmpty()) {
            return;
        }
        boolean pinned = of.pinnedTo(installed, Tier.DESIGNER) != null;
        for (GangState gang : job.gangs()) {
            if (gang.liveWorkers() > 0) {
                running(job, gang, pinned);
            } else if (gang.eligible()) {
                waiting(job, of, pinned);
            }
        }
    }

    private void running(JobState job, GangState gang, boolean pinned) {
        AcceleratorClass chipClass = state.settings().acceleratorClass(gang.className());
        long milli = 0;
        for (WorkerState worker : gang.workers()) {
            milli += worker.ended()
                    ? 0
                    : (long) worker.placement().devices().size()
                            * ChipShare.of(chipClass, worker.role().accelerators());
        }
        long work = milli * secondsLeft(job, gang);
        pinnedByClass.merge(gang.className(), work, Long::sum);
        QueueWork added =
                pinned ? new QueueWork(queueOf(job), work, 0, 0, 0) : new QueueWork(queueOf(job), 0, 0, work, 0);
        queues.merge(queueOf(job), added, QueueWork::plus);
    }

    private void waiting(JobState job, Portability of, boolean pinned) {
        Settings settings = state.settings();
        long seconds = secondsLeft(job, null);
        List<AcceleratorClass> there = of.admitted().stream()
                .filter(chipClass -> installed.test(chipClass.name()))
                .toList();
        // Work for chips that nobody has yet presses on what it wants first.
        List<AcceleratorClass> choice = there.isEmpty() ? of.admitted().subList(0, 1) : there;
        long all = choice.stream().mapToLong(this::healthy).sum();
        long most = 0;
        for (AcceleratorClass chipClass : choice) {
            int profile = Portability.profileFor(job.spec(), chipClass);
            long milli = ChipShare.ofSmallestGang(settings.acceleratorClass(chipClass.name()), job.spec(), profile);
            long work = milli * seconds;
            most = Math.max(most, work);
            if (choice.size() == 1) {
                pinnedByClass.merge(chipClass.name(), work, Long::sum);
            } else {
                long part = all == 0 ? work / choice.size() : Ratio.of(work, all, healthy(chipClass));
                flexibleByClass.merge(chipClass.name(), part, Long::sum);
            }
        }
        QueueWork added =
                pinned ? new QueueWork(queueOf(job), 0, most, 0, 0) : new QueueWork(queueOf(job), 0, 0, 0, most);
        queues.merge(queueOf(job), added, QueueWork::plus);
    }

    private long healthy(AcceleratorClass chipClass) {
        return healthyMilli.getOrDefault(chipClass.name(), 0L);
    }

    private static String queueOf(JobState job) {
        return job.spec().queueName();
    }

    /** Seconds that a gang goes on within the horizon; null for one that has yet to start. */
    private long secondsLeft(JobState job, @Nullable GangState gang) {
        long estimate =
                job.spec().training() == null ? 0 : job.spec().training().estimatedSeconds();
        long ran = gang == null ? 0 : (state.atMicros() - gang.assignedAtMicros()) / 1_000_000;
        return estimate <= ran ? horizonSeconds : Math.min(horizonSeconds, estimate - ran);
    }
}
