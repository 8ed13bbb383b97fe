package dev.interposer.control.core;

/**
 * Bounds of a pipeline.
 *
 * @param queuedCommands commands that wait for a page; beyond it submissions are refused
 * @param commandsPerPage commands in one page
 * @param weight rough bytes of one page after which nothing more is begun; half of the ledger's bound
 * @param uncommittedPages pages formed and not yet durable
 */
public record PipelineBounds(int queuedCommands, int commandsPerPage, long weight, int uncommittedPages) {
    /** One page is written while the next one is there: with more, each is smaller and every job waits longer. */
    public static final PipelineBounds DEFAULT = new PipelineBounds(65_536, 4096, 512 * 1024, 2);
}
