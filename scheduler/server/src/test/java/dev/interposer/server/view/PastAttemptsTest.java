package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.Ids;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which attempts that are over are known. */
class PastAttemptsTest {
    private final PastAttempts past = new PastAttempts();

    @Test
    void theLatestFewOfAGangAreKnown() {
        for (int number = 1; number <= PastAttempts.MOST_OF_A_GANG + 1; number++) {
            past.over(7, 0, new PastAttempts.Attempt(number, Ids.of(number)));
        }
        assertThat(past.find(7, 0, 1)).isNull();
        assertThat(Objects.requireNonNull(past.find(7, 0, 2)).nodes()).isEqualTo(Ids.of(2));
        past.forget(7, 1);
        assertThat(past.find(7, 0, 2)).isNull();
    }

    @Test
    void theGangThatWasOverTheLongestAgoIsForgottenFirst() {
        past.over(1, 0, new PastAttempts.Attempt(1, Ids.of(1)));
        past.over(2, 0, new PastAttempts.Attempt(1, Ids.of(1)));
        past.over(1, 0, new PastAttempts.Attempt(2, Ids.of(1)));
        for (int other = 0; other < PastAttempts.MOST_GANGS - 1; other++) {
            past.over(1_000 + other, 0, new PastAttempts.Attempt(1, Ids.of(1)));
        }
        assertThat(past.find(2, 0, 1)).isNull();
        assertThat(past.find(1, 0, 1)).isNotNull();
    }
}
