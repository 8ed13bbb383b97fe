package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Two servers on one database: the leader is killed or stopped in its tracks, the other goes on. */
class TakeoverIT {
    private static final int ROUNDS = 2;

    @Test
    void anotherServerTakesOverFromAKilledLeader() throws Exception {
        try (Installation installation = new Installation()) {
            installation.addServer();
            Load load = Load.begin(installation);
            for (int round = 0; round < ROUNDS; round++) {
                load.awaitMore(20);
                int leader = installation.awaitLeader();
                installation.server(leader).destroyForcibly().waitFor();
                assertThat(installation.awaitLeader()).isNotEqualTo(leader);
                load.awaitMore(20);
                installation.restartServer(leader);
            }
            load.endAndCheck();
        }
    }

    /** When it wakes, the old leader still holds what it was about to write and to say. */
    @Test
    void aLeaderThatWakesAfterItsLeaseWritesNothing() throws Exception {
        try (Installation installation = new Installation()) {
            installation.addServer();
            Load load = Load.begin(installation);
            for (int round = 0; round < ROUNDS; round++) {
                load.awaitMore(20);
                int leader = installation.awaitLeader();
                installation.signal("STOP", installation.server(leader).toHandle());
                assertThat(installation.awaitLeader()).isNotEqualTo(leader);
                load.awaitMore(20);
                installation.signal("CONT", installation.server(leader).toHandle());
                load.awaitMore(20);
            }
            load.endAndCheck();
        }
    }
}
