package dev.interposer.server.loop;

import java.util.ArrayList;
import java.util.List;

/** Answers of the head that are given when all that they rest on is durable. On the loop only. */
final class Questions {
    private final List<Question> open = new ArrayList<>();

    private record Question(long revision, Runnable answer) {}

    void add(long revision, Runnable answer) {
        open.add(new Question(revision, answer));
    }

    void answer(long durableRevision) {
        open.removeIf(question -> {
            boolean durable = question.revision() <= durableRevision;
            if (durable) {
                question.answer().run();
            }
            return durable;
        });
    }

    /** Nobody is answered any more. */
    void clear() {
        open.clear();
    }
}
