package dev.interposer.engine.fleet;

/** What each domain of one topology level has of one class, and the domains in the order of what is free in them. */
final class Level {
    private static final int EXACT = 1024;
    private static final int BUCKETS = EXACT + 22 * 16;

    /** Which numbering of the domains this is of. */
    final int version;

    private final int[] free;
    private final int[] usable;
    private final int[] busy;
    private final int[] partial;
    private final Bits[] buckets = new Bits[BUCKETS];
    private final Bits filled = new Bits();

    Level(int version, int domains) {
        this.version = version;
        this.free = new int[domains];
        this.usable = new int[domains];
        this.busy = new int[domains];
        this.partial = new int[domains];
    }

    /** How many domains there is room for. */
    int domains() {
        return free.length;
    }

    /** The same with room for more domains. */
    Level grown(int domains) {
        Level larger = new Level(version, Math.max(domains, free.length * 2));
        for (int domain = 0; domain < free.length; domain++) {
            larger.usable[domain] = usable[domain];
            larger.busy[domain] = busy[domain];
            larger.add(domain, free[domain], partial[domain]);
        }
        return larger;
    }

    /** Free whole devices, and nodes with a partly taken device, that are more than before. */
    void add(int domain, int moreFree, int morePartial) {
        int from = bucketOf(domain);
        free[domain] += moreFree;
        partial[domain] += morePartial;
        int to = bucketOf(domain);
        if (from == to) {
            return;
        }
        if (from >= 0) {
            buckets[from].clear(domain);
            if (buckets[from].isEmpty()) {
                filled.clear(from);
            }
        }
        if (to >= 0) {
            if (buckets[to] == null) {
                buckets[to] = new Bits();
            }
            buckets[to].set(domain);
            filled.set(to);
        }
    }

    void addUsable(int domain, int more) {
        usable[domain] += more;
    }

    void addBusy(int domain, int more) {
        busy[domain] += more;
    }

    /** Free whole devices; none in a domain that came since and has no device of the class. */
    int free(int domain) {
        return domain < free.length ? free[domain] : 0;
    }

    /** Devices that may take new work, now or when what they have ends. */
    int usable(int domain) {
        return usable[domain];
    }

    /** Devices to which something is bound, those included that take no new work. */
    int busy(int domain) {
        return busy[domain];
    }

    /**
     * The domain after another one in the order of free devices, as a cursor whose lower half is its number; −1 at the
     * end.
     *
     * @param least domains with fewer free whole devices are passed over
     * @param after the cursor of the last one; −1 for the first
     */
    long next(int least, long after) {
        int bucket = after < 0 ? filled.next(bucket(least)) : (int) (after >>> 32);
        int from = after < 0 ? 0 : (int) after + 1;
        while (bucket >= 0) {
            int domain = buckets[bucket] == null ? -1 : buckets[bucket].next(from);
            while (domain >= 0 && free[domain] < least) {
                domain = buckets[bucket].next(domain + 1);
            }
            if (domain >= 0) {
                return (long) bucket << 32 | domain;
            }
            bucket = filled.next(bucket + 1);
            from = 0;
        }
        return -1;
    }

    private int bucketOf(int domain) {
        return free[domain] > 0 || partial[domain] > 0 ? bucket(free[domain]) : -1;
    }

    /** Exact for small numbers; sixteen steps for each doubling above. */
    private static int bucket(int count) {
        if (count < EXACT) {
            return count;
        }
        int exponent = 31 - Integer.numberOfLeadingZeros(count);
        return EXACT + (exponent - 10) * 16 + ((count >>> (exponent - 4)) & 15);
    }
}
