package dev.interposer.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.Authority;
import dev.interposer.proto.fleet.v1.JoinToken;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What of a table that goes on is news. */
class ChangingTableTest {
    private final StringWriter out = new StringWriter();
    private final ChangingTable table = new ChangingTable(new Page(new PrintWriter(out), Colours.OFF, false));

    @Test
    void thatATokenComesNearerToItsEndIsNoNews() {
        table.show(AccessTables.tokens(List.of(token(90))), true);
        table.show(AccessTables.tokens(List.of(token(50))), true);
        assertThat(out.toString().lines()).hasSize(2);
    }

    @Test
    void eachAuthorityIsKnownByItsNumberAndItsDayIsNoNews() {
        table.show(AccessTables.authorities(List.of(authority(1, "Signing", 0), authority(2, "Next", 90))), true);
        table.show(AccessTables.authorities(List.of(authority(1, "Former", 0), authority(2, "Next", 50))), true);
        assertThat(out.toString().lines()).hasSize(4);
        assertThat(out.toString().lines().toList().getLast()).startsWith("1 ").contains("Former");
    }

    private static JoinToken token(long minutes) {
        return JoinToken.newBuilder()
                .setId("3f9a01c4de")
                .setState("Usable")
                .setExpiresAtMicros(in(minutes))
                .build();
    }

    private static Authority authority(int number, String stage, long minutes) {
        return Authority.newBuilder()
                .setNumber(number)
                .setStage(stage)
                .setSignsFromMicros(in(minutes))
                .build();
    }

    private static long in(long minutes) {
        return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis() + TimeUnit.MINUTES.toMillis(minutes));
    }
}
