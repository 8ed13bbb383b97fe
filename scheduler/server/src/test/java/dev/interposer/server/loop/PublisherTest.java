package dev.interposer.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublisherTest {
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final Publisher publisher = new Publisher(failure -> done.add("failed: " + failure.getMessage()));

    @BeforeEach
    void start() {
        publisher.start();
    }

    @AfterEach
    void close() {
        publisher.close();
    }

    @Test
    void whatATaskPublishesLeavesBeforeTheTasksBehindIt() {
        publisher.publish(() -> {
            done.add("page 1");
            publisher.publish(() -> done.add("answer 1"));
        });
        publisher.publish(() -> done.add("page 2"));
        publisher.drain();
        assertThat(done).containsExactly("page 1", "answer 1", "page 2");
    }

    /** What is built on a page that could not be published must not leave; the next term begins anew. */
    @Test
    void afterAFailureNothingLeavesUntilTheTermHasEnded() {
        publisher.publish(() -> {
            throw new IllegalStateException("page 1");
        });
        publisher.publish(() -> done.add("page 2"));
        publisher.drain();
        publisher.publish(() -> done.add("next term"));
        publisher.drain();
        assertThat(done).containsExactly("failed: page 1", "next term");
    }
}
