package dev.interposer.control.core;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.port.SpecDigest;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.State;
import org.jspecify.annotations.Nullable;

/** Specs on their way into the ledger, each once, and the room that they have. */
final class SpecShelf {
    private final State state;
    private final PageDraft page;
    private final long mostBytes;
    private final SpecDigest digest;
    private final SpecMemo memo = new SpecMemo();

    SpecShelf(State state, PageDraft page, long mostBytes, SpecDigest digest) {
        this.state = state;
        this.page = page;
        this.mostBytes = mostBytes;
        this.digest = digest;
    }

    /** Whether it was found sound before, under the settings of now. */
    boolean isSound(JobSpec spec) {
        memo.follow(page.settingsChanges());
        return memo.sha256(spec) != null;
    }

    /** Why a spec that was checked has no place; null if it has one. What is stored already fits. */
    @Nullable
    Rejection refuses(JobSpec spec) {
        if (state.jobs().specs().find(sha256(spec)) != null) {
            return null;
        }
        Rejection large = SpecSize.check(spec);
        return large == null ? noRoomFor(spec) : large;
    }

    /** Id of a spec that is not refused, stored if it is new. */
    long store(Actor actor, JobSpec spec) {
        String sha256 = sha256(spec);
        Long known = state.jobs().specs().find(sha256);
        if (known != null) {
            return known;
        }
        long specId = state.settings().nextId();
        page.add(actor, new JobEvent.SpecStored(specId, sha256, spec));
        return specId;
    }

    /** Jobs that share a spec keep it once; what differs from all others fills the heap long before gangs do. */
    private @Nullable Rejection noRoomFor(JobSpec spec) {
        long stored = state.jobs().specs().bytes();
        if (stored + Footprints.of(spec) <= mostBytes) {
            return null;
        }
        return Rejection.of(
                ErrorCode.RESOURCE_EXHAUSTED,
                "different specs take " + stored + " of " + mostBytes
                        + " bytes already; try again later. Maybe let jobs share one spec, or a larger heap?");
    }

    private String sha256(JobSpec spec) {
        String known = memo.sha256(spec);
        if (known != null) {
            return known;
        }
        String sha256 = digest.sha256(spec);
        memo.sound(spec, sha256);
        return sha256;
    }
}
