package dev.interposer.ledger.check;

/**
 * Something that must not be.
 *
 * @param kind what sort of thing
 * @param revision where in the ledger; 0 when it is not about one place
 * @param words for people, with the values
 */
public record Finding(Kind kind, long revision, String words) {
    /** Sorts of findings. */
    public enum Kind {
        /** Revisions between two pages are not there. */
        PAGE_MISSING,
        /** A page holds revisions that another page holds too. */
        PAGE_TWICE,
        /** A page can't be decoded. */
        PAGE_UNREADABLE,
        /** A page says otherwise than its row. */
        PAGE_DISAGREES,
        /** The digest of the page before does not fit: one of the two was altered. */
        CHAIN_BROKEN,
        /** An epoch or a time goes backwards. */
        ORDER_BROKEN,
        /** An event does not fit the state that all before it give. */
        DOES_NOT_FOLD,
        /** A stored snapshot is damaged. */
        SNAPSHOT_DAMAGED,
        /** A stored snapshot gives another state than the pages. */
        SNAPSHOT_DIFFERS,
        /** The state that a server answers from is another than the ledger's. */
        LIVE_DIFFERS,
        /** A device is given to more than there is of it. */
        DEVICE_TWICE,
        /** A gang that holds devices lacks workers. */
        GANG_NOT_WHOLE,
        /** Something refers to what is not there. */
        DANGLING,
        /** A job ended and is not in the history. */
        HISTORY_MISSING,
        /** The history tells otherwise of a job than the ledger. */
        HISTORY_DIFFERS,
        /** The history has a job that did not end so by the ledger. */
        HISTORY_UNKNOWN,
        /** A node runs what the state does not know. */
        WORKER_UNKNOWN,
        /** The state says that a worker runs, and its node does not. */
        WORKER_MISSING,
        /** A node counts as sound, and its agent does not say what runs there. */
        AGENT_SILENT
    }
}
