package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerMarkTest {
    @Test
    void whatAPodBearsIsReadAgainAndAnythingElseIsNothing() {
        LedgerMark mark = new LedgerMark(2, 7, 88_123);
        assertThat(LedgerMark.of(mark.text())).isEqualTo(mark);
        for (String other : new String[] {"", "1/2", "a/b/c", "-1/2/3", "1/2/99999999999999999999"}) {
            assertThat(LedgerMark.of(other)).as(other).isEqualTo(LedgerMark.NONE);
        }
    }

    @Test
    void theLaterOfTwoMarksIsTheFurthestOfTheLaterIncarnation() {
        LedgerMark one = new LedgerMark(1, 9, 900);
        LedgerMark two = new LedgerMark(2, 4, 300);
        assertThat(one.or(two)).isEqualTo(two);
        assertThat(two.or(one)).isEqualTo(two);
        assertThat(two.or(new LedgerMark(2, 3, 400))).isEqualTo(new LedgerMark(2, 4, 400));
    }
}
