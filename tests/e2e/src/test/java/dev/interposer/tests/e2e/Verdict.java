package dev.interposer.tests.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Holds what clients were told, what agents and workers wrote themselves, and the ledger against each other.
 *
 * <p>Nothing that was acknowledged is lost; no attempt runs twice; no device has two workers.
 */
final class Verdict {
    private final List<String> violations = new ArrayList<>();
    private final LedgerFacts ledger;
    private final Set<String> begun = new HashSet<>();
    private final Set<String> endedWell = new HashSet<>();

    Verdict(LedgerFacts ledger) {
        this.ledger = ledger;
        violations.addAll(ledger.violations());
    }

    /** Ids of jobs by name. */
    Verdict clientsWereTold(Map<String, Long> acknowledged) {
        acknowledged.forEach((name, id) -> {
            List<Long> jobs = ledger.jobs(name);
            if (!jobs.equals(List.of(id))) {
                violations.add("job " + name + " was acknowledged as " + id + "; the ledger has " + jobs);
            } else if (!ledger.endPhase(id).equals("JOB_PHASE_SUCCEEDED")) {
                violations.add("job " + name + " was acknowledged and its end is \"" + ledger.endPhase(id) + "\"");
            }
        });
        return this;
    }

    /** Jobs that watchers were shown, by the revision of the change. */
    Verdict watchersWereShown(Map<Long, Long> jobOfRevision) {
        jobOfRevision.forEach((revision, job) -> {
            if (ledger.jobOf(revision) != job) {
                violations.add("a watcher was shown job " + job + " at revision " + revision
                        + ", which in the ledger is about job " + ledger.jobOf(revision));
            }
        });
        return this;
    }

    Verdict agentsWrote(List<Path> journals) throws IOException {
        for (Path journal : journals) {
            readJournal(journal);
        }
        for (String worker : begun) {
            if (!ledger.wasAssigned(worker)) {
                violations.add("worker " + worker + " was begun and the ledger never assigned it");
            }
        }
        for (String worker : ledger.completed()) {
            if (!endedWell.contains(worker)) {
                violations.add("worker " + worker + " ended well, says the ledger, and no agent says so");
            }
        }
        return this;
    }

    /** Each worker that is a real process makes a folder of its name; finding it there it says so in a file. */
    Verdict workersLeft(Path folder) throws IOException {
        Path twice = folder.resolve("twice");
        if (Files.exists(twice)) {
            violations.add("ran twice, as the processes themselves saw: " + Files.readAllLines(twice));
        }
        return this;
    }

    int begun() {
        return begun.size();
    }

    List<String> violations() {
        return violations;
    }

    private void readJournal(Path journal) throws IOException {
        Map<String, String> holders = new HashMap<>();
        Map<String, Set<String>> devicesOf = new HashMap<>();
        try (Stream<String> lines = Files.lines(journal)) {
            lines.forEach(line -> {
                String[] words = line.split(" ", -1);
                String worker = String.join(" ", words.length < 5 ? words : Arrays.copyOfRange(words, 1, 5));
                if (words[0].equals("START")) {
                    start(worker, devices(words[6]), holders, devicesOf);
                } else if (words[0].equals("END")) {
                    devicesOf.getOrDefault(worker, Set.of()).forEach(holders::remove);
                    if (words[5].equals("END_CAUSE_COMPLETED")) {
                        endedWell.add(worker);
                    } else if (words[5].equals("END_CAUSE_RELEASED")
                            && begun.contains(worker)
                            && !ledger.wasStopped(worker.substring(0, worker.lastIndexOf(' ')))) {
                        violations.add("worker " + worker + " was stopped and the ledger never asked for it");
                    }
                }
            });
        }
    }

    /** Names separated by commas; a dash for none. */
    private static Set<String> devices(String word) {
        return word.equals("-") ? Set.of() : new TreeSet<>(List.of(word.split(",", -1)));
    }

    private void start(
            String worker, Set<String> devices, Map<String, String> holders, Map<String, Set<String>> devicesOf) {
        if (!begun.add(worker)) {
            violations.add("worker " + worker + " was begun twice");
        }
        if (ledger.wasAssigned(worker) && !ledger.devices(worker).equals(devices)) {
            violations.add(
                    "worker " + worker + " was begun on " + devices + "; the ledger gave it " + ledger.devices(worker));
        }
        devicesOf.put(worker, devices);
        for (String device : devices) {
            String holder = holders.put(device, worker);
            if (holder != null) {
                violations.add("worker " + worker + " was begun on " + device + " under worker " + holder);
            }
        }
    }
}
