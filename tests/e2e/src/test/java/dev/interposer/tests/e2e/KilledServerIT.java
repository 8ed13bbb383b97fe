package dev.interposer.tests.e2e;

import org.junit.jupiter.api.Test;

/** The server is killed, hard and again and again, while jobs are submitted and run. */
class KilledServerIT {
    private static final int KILLS = 4;

    @Test
    void nothingAcknowledgedIsLostAndNothingRunsTwice() throws Exception {
        try (Installation installation = new Installation()) {
            Load load = Load.begin(installation);
            for (int kill = 0; kill < KILLS; kill++) {
                load.awaitMore(20);
                Thread.sleep(300L * kill);
                installation.server(0).destroyForcibly().waitFor();
                installation.restartServer(0);
            }
            load.awaitMore(20);
            load.endAndCheck();
        }
    }
}
