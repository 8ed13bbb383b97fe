package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever gets lost, comes late, is refused or killed: a gang is bound whole or not at all, no worker starts twice,
 * each end is told once and only when it is one, and in the end everything is done.
 */
class PodControllerFuzzTest {
    private static final int SEEDS = 300;
    private static final int STEPS = 400;
    private static final int PATIENCE = 20_000;
    private static final String CLASS = "{\"allocation\": \"DevicePlugin\", \"resourceName\": \"nvidia.com/gpu\"}";

    private long now;

    @Test
    void aGangIsBoundWholeAndEveryEndIsToldOnceWhateverIsLostOrRefused() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                play(seed);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private void play(long seed) {
        Random random = new Random(seed);
        FakeCluster cluster = new FakeCluster(random);
        FakeLedger ledger = new FakeLedger(random, cluster);
        PodController controller = controller(cluster, ledger);
        ledger.restart(controller, cluster.listed(ledger::hasBegun));
        trouble(cluster, ledger, random.nextInt(3) * 15);
        for (int step = 0; step < STEPS; step++) {
            now += random.nextInt(200);
            int what = random.nextInt(200);
            if (what < 4) {
                ledger.submit(controller, Orders.gang(step + 1, 1 + random.nextInt(5)));
            } else if (what < 6) {
                cluster.deleteSome();
            } else if (what == 6 && step > 10) {
                ledger.stopSome(controller);
            } else if (what == 7) {
                controller = controller(cluster, ledger);
                ledger.restart(controller, cluster.listed(ledger::hasBegun));
            } else if (what == 8) {
                controller.following();
                ledger.restart(controller, cluster.listed(ledger::hasBegun));
            } else {
                one(random, cluster, ledger, controller);
            }
            controller.drain();
        }
        settle(random, cluster, ledger, controller);
    }

    private void settle(Random random, FakeCluster cluster, FakeLedger ledger, PodController controller) {
        trouble(cluster, ledger, 0);
        int steps = 0;
        while (!(ledger.isDone() && cluster.unfinished().isEmpty() && cluster.isQuiet())) {
            assertThat(steps++)
                    .as("steps; pods that run: %s, gangs that are not done: %s", cluster.unfinished(), ledger.undone())
                    .isLessThan(PATIENCE);
            now += 50;
            one(random, cluster, ledger, controller);
            controller.drain();
        }
        assertThat(controller.errors()).isZero();
    }

    private static void one(Random random, FakeCluster cluster, FakeLedger ledger, PodController controller) {
        if (random.nextInt(4) > 0 || !ledger.hear(controller)) {
            cluster.happen(controller);
        }
    }

    private static void trouble(FakeCluster cluster, FakeLedger ledger, int percent) {
        cluster.troublePercent = percent;
        cluster.refusePercent = percent / 3;
        ledger.troublePercent = percent;
    }

    private static final class Known implements PodController.Knowledge {
        @Override
        public String node(long id) {
            return "n" + id;
        }

        @Override
        public String kubernetesOfClass(String name) {
            return CLASS;
        }

        @Override
        public LedgerMark mark(long epoch) {
            return new LedgerMark(1, epoch, 1);
        }

        @Override
        public @Nullable OwnerReference owner(long jobId) {
            return null;
        }
    }

    private PodController controller(FakeCluster cluster, FakeLedger ledger) {
        return new PodController(cluster, ledger, PodSettings.DEFAULT, () -> now, new Known());
    }
}
