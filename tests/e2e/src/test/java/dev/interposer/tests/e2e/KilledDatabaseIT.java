package dev.interposer.tests.e2e;

import org.junit.jupiter.api.Test;

/** PostgreSQL is killed under a working server, in the middle of whatever it writes; the server starts it again. */
class KilledDatabaseIT {
    private static final int KILLS = 3;

    @Test
    void nothingAcknowledgedIsLostAndNothingRunsTwice() throws Exception {
        try (Installation installation = new Installation()) {
            Load load = Load.begin(installation);
            for (int kill = 0; kill < KILLS; kill++) {
                load.awaitMore(20);
                Thread.sleep(200L * kill);
                installation.database().destroyForcibly();
            }
            load.awaitMore(20);
            load.endAndCheck();
        }
    }
}
