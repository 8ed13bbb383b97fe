package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.WorkerKey;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "llm",
                "70b",
                "a.b_c",
                "-",
                "X",
                "a-name-that-is-so-long-that-with-its-numbers-it-is-no-label-of-dns"
            })
    void everyNameIsALabelOfDnsThatBeginsWithALetter(String job) {
        WorkerKey key = new WorkerKey(Long.MAX_VALUE, 9999, Integer.MAX_VALUE, 9999);
        assertThat(PodNames.pod(job, key)).matches("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");
        assertThat(PodNames.service(job, key)).matches("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");
    }

    @Test
    void noTwoWorkersHaveOneName() {
        Set<String> names = new HashSet<>();
        for (long job : new long[] {1, 11, 37, 1L << 40}) {
            for (int gang : new int[] {0, 1, 11}) {
                for (int attempt : new int[] {1, 11}) {
                    for (int worker : new int[] {0, 1, 11}) {
                        assertThat(names.add(PodNames.pod("j", new WorkerKey(job, gang, attempt, worker))))
                                .isTrue();
                    }
                }
            }
        }
    }
}
