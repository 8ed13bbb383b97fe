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
    private final Map<String, Long> openMilli;
    private final long horizonSeconds;
    private final Map<Long, Spec> specs = new HashMap<>();
    private final TreeMap<String, Long> pinnedByClass = new TreeMap<>();
    private final TreeMap<String, Long> flexibleByClass = new TreeMap<>();
    private final TreeMap<String, QueueWork> queues = new TreeMap<>();

    /** What is true of all jobs of one spec. */
    private record Spec(JobSpec spec, Portability ways, boolean pinned) {}

    private WorkAhead(State state, Map<String, Long> installedMilli, Map<String, Long> openMilli, long horizon) {
        this.state = state;
        this.installed = name -> installedMilli.getOrDefault(name, 0L) > 0;
        this.openMilli = openMilli;
        this.horizonSeconds = horizon;
    }

    /**
     * Counts what is there.
     *
     * @param open what waits and runs of that state
     * @param installedMilli by class, on nodes that are there for work
     * @param openMilli by class, what work has or could have now
     */
    static WorkAhead of(
            State state,
            OpenWork open,
            Map<String, Long> installedMilli,
            Map<String, Long> openMilli,
            long horizonSeconds) {
        WorkAhead work = new WorkAhead(state, installedMilli, openMilli, horizonSeconds);
        for (GangState gang : open.running()) {
            Spec spec = work.spec(gang.job());
            if (!spec.ways.admitted().isEmpty()) {
                work.running(gang, spec);
            }
        }
        for (OpenWork.Waiting same : open.waiting()) {
            Spec spec = work.spec(same.example());
            if (!spec.ways.admitted().isEmpty()) {
                work.waiting(spec, same.gangs());
            }
        }
        return work;
    }

    private Spec spec(JobState job) {
        return specs.computeIfAbsent(job.specId(), id -> {
            Portability ways = Portability.of(job.spec(), state.settings());
            return new Spec(job.spec(), ways, ways.pinnedTo(installed, Tier.DESIGNER) != null);
        });
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

    private void running(GangState gang, Spec of) {
        AcceleratorClass chipClass = state.settings().acceleratorClass(gang.className());
        long milli = FleetImage.milliOf(gang, chipClass);
        long ran = (state.atMicros() - gang.assignedAtMicros()) / 1_000_000;
        long work = milli * secondsLeft(of.spec, ran);
        pinnedByClass.merge(gang.className(), work, Long::sum);
        String queue = of.spec.queueName();
        QueueWork added = of.pinned ? new QueueWork(queue, work, 0, 0, 0) : new QueueWork(queue, 0, 0, work, 0);
        queues.merge(queue, added, QueueWork::plus);
    }

    private void waiting(Spec of, long gangs) {
        Settings settings = state.settings();
        long seconds = secondsLeft(of.spec, 0);
        List<AcceleratorClass> there = of.ways.admitted().stream()
                .filter(chipClass -> installed.test(chipClass.name()))
                .toList();
        // Work for chips that nobody has yet presses on what it wants first.
        List<AcceleratorClass> choice = there.isEmpty() ? of.ways.admitted().subList(0, 1) : there;
        long all = choice.stream().mapToLong(this::open).sum();
        long most = 0;
        for (AcceleratorClass chipClass : choice) {
            int profile = Portability.profileFor(of.spec, chipClass);
            long milli = ChipShare.ofSmallestGang(settings.acceleratorClass(chipClass.name()), of.spec, profile);
            long work = milli * seconds;
            most = Math.max(most, work);
            if (choice.size() == 1) {
                pinnedByClass.merge(chipClass.name(), work * gangs, Long::sum);
            } else {
                long part = all == 0 ? work / choice.size() : Ratio.of(work, all, open(chipClass));
                flexibleByClass.merge(chipClass.name(), part * gangs, Long::sum);
            }
        }
        String queue = of.spec.queueName();
        long work = most * gangs;
        QueueWork added = of.pinned ? new QueueWork(queue, 0, work, 0, 0) : new QueueWork(queue, 0, 0, 0, work);
        queues.merge(queue, added, QueueWork::plus);
    }

    private long open(AcceleratorClass chipClass) {
        return openMilli.getOrDefault(chipClass.name(), 0L);
    }

    /** Seconds that a gang goes on within the horizon. */
    private long secondsLeft(JobSpec spec, long ran) {
        long estimate = spec.training() == null ? 0 : spec.training().estimatedSeconds();
        return estimate <= ran ? horizonSeconds : Math.min(horizonSeconds, estimate - ran);
    }
}
