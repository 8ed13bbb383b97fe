package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.control.port.SpecDigest;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.explain.Explanation;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.order.Shape;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Requests;
import dev.interposer.engine.state.State;
import java.util.List;
import java.util.Map;

/**
 * The head: commands become events, events are applied, decisions follow. One page at a time: {@link #begin}, any
 * number of
 * {@link #handle}, {@link #fireTimers} and {@link #decide}, then {@link #entries}.
 *
 * <p>An exception out of here is a programming error; if {@link #changes} moved, the head is no longer to be trusted
 * and must be reloaded.
 */
public final class Controller {
    /** Kinds of event, and their fields, of this version. */
    public static final int FEATURE_LEVEL = 9;

    /**
     * A ledger that nobody wrote to for long may be an old backup, and until an agent says so ids that the lost part
     * gave to other jobs would come again. So many may have been given out since: hours at tens of thousands a second.
     */
    private static final long IDS_SKIPPED = 1L << 28;

    private final State state;
    private final Scheduler scheduler;
    private final ControlSettings settings;
    private final Timers timers;
    private final PageDraft page;
    private final GangLifecycle gangs;
    private final Inventory inventory;
    private final SliceCordons slices;
    private final NodeLifecycle nodes;
    private final ObjectRegistry objects;
    private final JobIntake jobs;
    private final ChargeKeeper charges;
    private boolean skipsIds;

    /** Of whoever needs no expressions over devices. */
    public Controller(State state, Scheduler scheduler, ControlSettings settings, SpecDigest digest) {
        this(state, scheduler, settings, digest, DeviceExpressions.NONE);
    }

    public Controller(
            State state,
            Scheduler scheduler,
            ControlSettings settings,
            SpecDigest digest,
            DeviceExpressions expressions) {
        this.state = state;
        this.scheduler = scheduler;
        this.settings = settings;
        this.timers = new Timers(state, settings);
        this.page = new PageDraft(state, timers);
        this.gangs = new GangLifecycle(page, settings);
        this.slices = new SliceCordons(state, page, settings.slices());
        this.inventory = new Inventory(state, page, gangs, slices, new Classifier(expressions));
        this.nodes = new NodeLifecycle(
                state, page, gangs, inventory, settings.times().selfFenceMarginMicros());
        this.objects = new ObjectRegistry(state, page, inventory, expressions);
        this.charges = new ChargeKeeper(state, page, scheduler::queues);
        this.jobs = new JobIntake(state, page, settings, digest, scheduler::waitingGangs);
    }

    public State state() {
        return state;
    }

    /**
     * Begins to lead, before the first page.
     *
     * @param listensFirst whether every node that should be there is heard before anything is placed
     */
    public void lead(long epoch, boolean listensFirst) {
        nodes.term().begin(epoch, listensFirst);
        skipsIds = listensFirst && state.settings().incarnation() > 0;
    }

    /** Starts a page; in an empty ledger the first one opens its first incarnation. */
    public void begin(long nowMicros) {
        page.begin(nowMicros);
        if (state.settings().incarnation() == 0) {
            page.add(Actor.SCHEDULER, new SettingEvent.IncarnationStarted(1));
        }
        if (state.settings().featureLevel() < FEATURE_LEVEL) {
            page.add(Actor.SCHEDULER, new SettingEvent.FeatureLevelRaised(FEATURE_LEVEL));
        }
        if (skipsIds) {
            skipsIds = false;
            page.add(Actor.SCHEDULER, new SettingEvent.IdsTaken(state.settings().nextId() + IDS_SKIPPED));
        }
        nodes.term().open(page);
    }

    public Outcome handle(Command command) {
        return switch (command) {
            case Command.SubmitJob submit -> jobs.submit(submit);
            case Command.CancelJob cancel -> jobs.cancel(cancel, gangs);
            case Command.ScaleJob scale -> jobs.scale(scale, gangs);
            case Command.ApplyObjects apply -> objects.apply(apply);
            case Command.DeleteObject delete -> objects.delete(delete);
            case Command.ResumePlacement resume -> nodes.resume(resume);
            case Command.FenceNode fence -> nodes.fence(fence);
            case Command.CordonNode cordon -> nodes.cordon(cordon);
            case Command.DrainNode drain -> nodes.drain(drain);
            case Command.RemoveNode remove -> nodes.remove(remove);
            case Command.LedgerRestored restored -> nodes.restored(restored);
            case Command.AgentHello hello -> nodes.hello(hello);
            case Command.ReportInventory inventory -> nodes.inventory(inventory);
            case Command.ChangeDeviceHealth change -> nodes.health(change);
            case Command.ReportWorker report -> nodes.worker(report);
            case Command.NodeSilent silent -> nodes.silent(silent);
        };
    }

    /** Turns what is due into events, as far as the page has room. */
    public void fireTimers(long weightBound) {
        inventory.classify(weightBound);
        slices.cordon(weightBound);
        charges.keep();
        while (page.weight() < weightBound) {
            Timers.Timer timer = timers.due(page.atMicros());
            timer = timer == null ? timers.surplus() : timer;
            if (timer == null) {
                break;
            }
            fire(timer);
        }
        forgetRequests();
    }

    private void forgetRequests() {
        Requests requests = state.jobs().requests();
        Requests.Remembered oldest = requests.oldest();
        if (oldest == null) {
            return;
        }
        long before = page.atMicros() - settings.times().requestMemoryMicros();
        // A tenth of slack each time, so that this is one event for many ids.
        boolean old = oldest.atMicros() < before - settings.times().requestMemoryMicros() / 10;
        if (requests.size() > settings.bounds().mostRequests()) {
            int surplus = requests.size()
                    - settings.bounds().mostRequests()
                    + settings.bounds().mostRequests() / 10;
            before = Math.max(before, requests.atMicros(Math.min(surplus, requests.size() - 1)));
            old = oldest.atMicros() < before;
        }
        if (old) {
            page.add(Actor.SCHEDULER, new JobEvent.RequestsForgotten(before));
        }
    }

    /** Places what can be placed, as far as the page has room. */
    public void decide(long weightBound) {
        nodes.term().close(page);
        if (nodes.term().listens()) {
            return;
        }
        int left = settings.bounds().assignmentsPerPage();
        // One by one: two of the largest gangs would already burst the page.
        while (left > 0
                && page.weight() < weightBound
                && scheduler.decide(page.atMicros(), 1, event -> page.add(Actor.SCHEDULER, event)) > 0) {
            left--;
        }
    }

    /** Whether a page without commands and timers may find something to do. */
    public boolean hasWork() {
        Term term = nodes.term();
        return skipsIds
                || term.hasWork()
                || inventory.hasWork()
                || slices.hasWork()
                || (scheduler.hasWork() && !term.listens());
    }

    public long nextTimerMicros() {
        long round = nodes.term().listens() ? Long.MAX_VALUE : scheduler.nextRoundMicros();
        return Math.min(timers.nextDueMicros(), round);
    }

    /** Events begun since this controller was made; a command that failed and left it as it was changed nothing. */
    public long changes() {
        return page.changes();
    }

    public long weight() {
        return page.weight();
    }

    public List<Entry> entries() {
        return page.entries();
    }

    /** Why a gang waits, as of the head. */
    public Explanation explain(GangState gang) {
        return scheduler.explain(gang);
    }

    /** The shapes of waiting gangs that come first. */
    public List<Shape> waiting(int most) {
        return scheduler.waiting(most);
    }

    private void fire(Timers.Timer timer) {
        if (timer.kind() == Timers.Kind.SELF_FENCE) {
            long again = nodes.selfFenced(timer.id());
            if (again != Long.MAX_VALUE) {
                timers.again(timer, again);
            }
            return;
        }
        JobState job = state.jobs().find(timer.id());
        if (job == null) {
            return;
        }
        switch (timer.kind()) {
            case BACKOFF -> {
                GangState gang = job.gangs().get(timer.gang());
                if (gang.notBeforeMicros() == timer.dueMicros() && !job.cancelRequested()) {
                    page.add(Actor.SCHEDULER, new JobEvent.GangEligible(job.id(), gang.index()));
                }
            }
            case DEADLINE -> {
                String seconds = Long.toString(job.spec().activeDeadlineSeconds());
                Reason reason = new Reason(ReasonCode.DEADLINE_EXCEEDED, Map.of("seconds", seconds));
                gangs.cancel(Actor.SCHEDULER, job, reason, StopCause.DEADLINE);
            }
            case FORGET -> {
                if (job.ended()) {
                    page.add(Actor.SCHEDULER, new JobEvent.JobForgotten(job.id()));
                }
            }
            case SELF_FENCE -> throw new IllegalStateException("handled above");
        }
    }
}
