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

    /** By spec: what is true of one gang that waits is true of all that share its spec, and they may be 100,000. */
    private final Map<Long, Waiting> waiting = new HashMap<>();

    private final TreeMap<String, Long> pinnedByClass = new TreeMap<>();
    private final TreeMap<String, Long> flexibleByClass = new TreeMap<>();
    private final TreeMap<String, QueueWork> queues = new TreeMap<>();

    private static final class Waiting {
        private final JobSpec spec;
        private final Portability ways;
        private final boolean pinned;
        private long gangs;

        Waiting(JobSpec spec, Portability ways, boolean pinned) {
            this.spec = spec;
            this.ways = ways;
            this.pinned = pinned;
        }
    }

    private WorkAhead(State state, Map<String, Long> installedMilli, Map<String, Long> healthyMilli, long horizon) {
        this.state = state;
        this.installed = name -> installedMilli.getOrDefault(name, 0L) > 0;
        this.healthyMilli = healthyMilli;
        this.horizonSeconds = horizon;
    }

    static WorkAhead of(
            State state, Map<String, Long> installedMilli, Map<String, Long> healthyMilli, long horizonSeconds) {
        WorkAhead work = new WorkAhead(state, installedMilli, healthyMilli, horizonSeconds);
        for (JobState job : state.jobs().all()) {
            if (!job.ended()) {
                work.count(job);
            }
        }
        work.waiting.values().forEach(work::add);
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
        Waiting same = waiting.computeIfAbsent(
                job.specId(), id -> new Waiting(spec, of, of.pinnedTo(installed, Tier.DESIGNER) != null));
        for (GangState gang : job.gangs()) {
            if (gang.liveWorkers() > 0) {
                running(job, gang, same.pinned);
            } else if (gang.eligible()) {
                same.gangs++;
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
        long ran = (state.atMicros() - gang.assignedAtMicros()) / 1_000_000;
        long work = milli * secondsLeft(job.spec(), ran);
        pinnedByClass.merge(gang.className(), work, Long::sum);
        QueueWork added =
                pinned ? new QueueWork(queueOf(job), work, 0, 0, 0) : new QueueWork(queueOf(job), 0, 0, work, 0);
        queues.merge(queueOf(job), added, QueueWork::plus);
    }

    private void add(Waiting same) {
        if (same.gangs == 0) {
            return;
        }
        Settings settings = state.settings();
        long seconds = secondsLeft(same.spec, 0);
        List<AcceleratorClass> there = same.ways.admitted().stream()
                .filter(chipClass -> installed.test(chipClass.name()))
                .toList();
        // Work for chips that nobody has yet presses on what it wants first.
        List<AcceleratorClass> choice = there.isEmpty() ? same.ways.admitted().subList(0, 1) : there;
        long all = choice.stream().mapToLong(this::healthy).sum();
        long most = 0;
        for (AcceleratorClass chipClass : choice) {
            int profile = Portability.profileFor(same.spec, chipClass);
            long milli = ChipShare.ofSmallestGang(settings.acceleratorClass(chipClass.name()), same.spec, profile);
            long work = milli * seconds;
            most = Math.max(most, work);
            if (choice.size() == 1) {
                pinnedByClass.merge(chipClass.name(), work * same.gangs, Long::sum);
            } else {
                long part = all == 0 ? work / choice.size() : Ratio.of(work, all, healthy(chipClass));
                flexibleByClass.merge(chipClass.name(), part * same.gangs, Long::sum);
            }
        }
        String queue = same.spec.queueName();
        long work = most * same.gangs;
        QueueWork added = same.pinned ? new QueueWork(queue, 0, work, 0, 0) : new QueueWork(queue, 0, 0, 0, work);
        queues.merge(queue, added, QueueWork::plus);
    }

    private long healthy(AcceleratorClass chipClass) {
        return healthyMilli.getOrDefault(chipClass.name(), 0L);
    }

    private static String queueOf(JobState job) {
        return job.spec().queueName();
    }

    /** Seconds that a gang goes on within the horizon. */
    private long secondsLeft(JobSpec spec, long ran) {
        long estimate = spec.training() == null ? 0 : spec.training().estimatedSeconds();
        return estimate <= ran ? horizonSeconds : Math.min(horizonSeconds, estimate - ran);
    }
}
