package dev.interposer.server.loop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What commands hold of the heap until their outcome is known, beyond what each of them takes: a few thousand large
 * ones fill it long before too many wait.
 */
final class HeldBytes {
    private static final long USERS_PERCENT = 75;

    private final long most;
    private final AtomicLong held = new AtomicLong();

    HeldBytes(long most) {
        this.most = most;
    }

    /** False if there is no room. Agents tell of what is; they are refused later than those who ask for more. */
    boolean take(long bytes, boolean fromAgent) {
        if (bytes == 0) {
            return true;
        }
        long bound = fromAgent ? most : most * USERS_PERCENT / 100;
        if (held.addAndGet(bytes) <= bound) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        if (bytes != 0) {
            held.addAndGet(-bytes);
        }
    }
}
