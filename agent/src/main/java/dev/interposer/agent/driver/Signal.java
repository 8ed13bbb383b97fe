package dev.interposer.agent.driver;

/**
 * Something happened to a device, or is over. A fact: what becomes of the device is for the health policy to say.
 *
 * @param device name in the inventory
 * @param kind what
 * @param code the vendor's own number or word for it, such as that of an XID; empty if it has none
 * @param cleared a state that was told before is over
 * @param detail for people
 */
public record Signal(String device, Kind kind, String code, boolean cleared, String detail) {
    /** Kinds of what happens to devices, whoever made them. */
    public enum Kind {
        /** The vendor's driver reports an error by number. */
        XID(false),
        /** A memory error that could not be corrected. */
        ECC_UNCORRECTED(false),
        /** Many memory errors were corrected within a short while. */
        ECC_CORRECTED(false),
        /** Rows or pages of memory are to be replaced at the next reset. */
        MEMORY_REMAP_PENDING(true),
        /** No spare memory is left to replace what failed. */
        MEMORY_REMAP_FAILED(true),
        /** A link to another device that should be up is down. */
        LINK_DOWN(true),
        /** Hotter than its maker allows. */
        OVER_TEMPERATURE(true),
        /** It was asked and does not answer. */
        HANG(true),
        /** It was there and is not found any more. */
        GONE(true),
        /** Processes use it that nobody here began. */
        FOREIGN_USE(true),
        /** It is in a mode in which it can't be given away as it is. */
        MODE(true),
        /** Its driver judges its health itself: {@code code} is degraded or failed. */
        REPORTED(true);

        private final boolean state;

        Kind(boolean state) {
            this.state = state;
        }

        /** Whether it lasts until it is told to be over; what is no state happens at a moment. */
        public boolean state() {
            return state;
        }
    }

    public static Signal raised(String device, Kind kind, String code, String detail) {
        return new Signal(device, kind, code, false, detail);
    }

    public static Signal cleared(String device, Kind kind, String code) {
        return new Signal(device, kind, code, true, "");
    }
}
