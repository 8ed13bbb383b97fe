package dev.interposer.control.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.control.port.LeaseStore;
import dev.interposer.control.port.LedgerException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Two keepers and one lease, with a clock that the test moves. */
class LeaseKeeperTest {
    private static final long DURATION = 3000;
    private static final long MARGIN = 500;

    private final Store store = new Store();
    private final LeaseKeeper first = new LeaseKeeper(store, "first", DURATION, MARGIN);
    private final LeaseKeeper second = new LeaseKeeper(store, "second", DURATION, MARGIN);

    /** A lease in memory, timed by its own clock. */
    private static final class Store implements LeaseStore {
        long nowMillis;
        long endsAtMillis;
        long epoch;
        String holder = "";
        boolean down;

        @Override
        public long acquire(String asking, long durationMillis) {
            check();
            if (nowMillis < endsAtMillis) {
                return 0;
            }
            holder = asking;
            endsAtMillis = nowMillis + durationMillis;
            return ++epoch;
        }

        @Override
        public long vacantMillis() {
            return 0;
        }

        @Override
        public boolean renew(String asking, long ofEpoch, long durationMillis) {
            check();
            boolean ours = holder.equals(asking) && epoch == ofEpoch && nowMillis < endsAtMillis;
            if (ours) {
                endsAtMillis = nowMillis + durationMillis;
            }
            return ours;
        }

        @Override
        public void release(String asking, long ofEpoch) {
            check();
            if (holder.equals(asking) && epoch == ofEpoch) {
                endsAtMillis = nowMillis;
            }
        }

        private void check() {
            if (down) {
                throw new LedgerException(LedgerException.Kind.UNREACHABLE, "down");
            }
        }
    }

    private void at(long millis) {
        store.nowMillis = millis;
    }

    @Test
    void oneOfTwoLeads() {
        assertThat(first.step(0)).isEqualTo(1);
        assertThat(second.step(0)).isZero();
    }

    @Test
    void aLeaseIsRenewedBeforeItEnds() {
        for (long now = 0; now < 20_000; now += 100) {
            at(now);
            assertThat(first.step(now)).isEqualTo(1);
            assertThat(second.step(now)).isZero();
        }
    }

    @Test
    void aLeaderThatCannotRenewStepsDownBeforeAnotherCanLead() {
        first.step(0);
        store.down = true;
        at(2499);
        assertThat(first.step(2499)).isEqualTo(1);
        at(2500);
        assertThat(first.epoch(2500)).isZero();
        store.down = false;
        at(2600);
        assertThat(second.step(2600)).as("the database still counts it").isZero();
        at(3100);
        assertThat(second.step(3100)).isEqualTo(2);
        assertThat(first.epoch(3100)).isZero();
    }

    @Test
    void aFailedRenewalIsTriedAgainInTime() {
        first.step(0);
        store.down = true;
        at(1000);
        first.step(1000);
        store.down = false;
        at(1400);
        first.step(1400);

        assertThat(first.epoch(3500)).isEqualTo(1);
    }

    @Test
    void aReleasedLeaseIsFreeAtOnce() {
        first.step(0);
        first.release();

        assertThat(second.step(0)).isEqualTo(2);
        assertThat(first.epoch(0)).isZero();
    }

    @Test
    void neverDoTwoLeadWhateverStopsThem() {
        Random random = new Random(11);
        for (long now = 0; now < 500_000; now += 50) {
            at(now);
            store.down = random.nextInt(100) < 20 || now / 4000 % 5 == 0;
            if (random.nextInt(10) > 0) {
                first.step(now);
            }
            if (random.nextInt(10) > 0) {
                second.step(now);
            }
            if (random.nextInt(200) == 0) {
                first.abandon();
            }
            assertThat(first.epoch(now) != 0 && second.epoch(now) != 0)
                    .as("both lead at " + now)
                    .isFalse();
        }
        assertThat(store.epoch).as("leadership moved").isGreaterThan(10);
    }

    @Test
    void aMarginOfHalfTheLeaseIsRefused() {
        assertThatThrownBy(() -> new LeaseKeeper(store, "x", 1000, 500)).hasMessageContaining("Maybe a longer lease?");
    }
}
