package dev.interposer.agent.driver.nvml;

/**
 * What of a chip is looked at for signals, at one moment.
 *
 * @param correctedErrors of memory since the driver was loaded; {@link #UNKNOWN} if it can't tell
 * @param uncorrectedErrors likewise
 * @param remapPending rows or pages wait for a reset to be replaced
 * @param remapFailed a row could not be replaced
 * @param links its links; {@link Links.State#UNKNOWN} if it can't tell
 * @param marginCelsius degrees below its slowdown; {@link #COLD} if it can't tell
 * @param unsplit in MIG mode, and without instances
 */
record Health(
        long correctedErrors,
        long uncorrectedErrors,
        Known remapPending,
        Known remapFailed,
        Links.State links,
        int marginCelsius,
        Known unsplit) {
    static final long UNKNOWN = -1;
    static final int COLD = Integer.MAX_VALUE;

    /** What a device says of itself, if it does. */
    enum Known {
        YES,
        NO,
        UNKNOWN;

        static Known of(boolean holds) {
            return holds ? YES : NO;
        }

        /** Yes if either says so; no only if one says so and neither yes. */
        Known or(Known other) {
            if (this == YES || other == YES) {
                return YES;
            }
            return this == NO || other == NO ? NO : UNKNOWN;
        }
    }
}
