package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.JobState;
import dev.interposer.proto.job.v1.Reason;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A scene for each reason that can come about: class, place and what is missing, in facts and in words. */
class ReasonScenariosTest {
    /** What waits for something else than for more of something. */
    private static final Set<ReasonCode> WITHOUT_AMOUNT = EnumSet.of(ReasonCode.QUEUE_HELD, ReasonCode.BEHIND_OTHERS);

    /** Nothing to explain; refused at submission; told of a profile beside the one that is kept. */
    private static final Set<ReasonCode> WITHOUT_SCENE =
            EnumSet.of(ReasonCode.NONE, ReasonCode.SUSPENDED, ReasonCode.PROFILE_KEPT, ReasonCode.SCALED_DOWN);

    record Scenario(ReasonCode code, Map<String, String> facts, String words, Function<Situation, JobState> scene) {
        @Override
        public String toString() {
            return code.name();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void theReasonNamesWhatIsMissingAndWhere(Scenario scenario) {
        Situation situation = new Situation();
        JobState job = scenario.scene().apply(situation);
        Reason reason = situation.why(job);
        assertThat(reason.getCode())
                .as(reason.toString())
                .isEqualTo(scenario.code().name());
        assertThat(reason.getParametersMap()).containsAllEntriesOf(scenario.facts());
        assertThat(reason.getText()).contains(scenario.words());
    }

    @Test
    void everyReasonHasAScene() {
        Set<ReasonCode> played = scenarios().map(Scenario::code).collect(Collectors.toSet());
        assertThat(EnumSet.complementOf(EnumSet.copyOf(WITHOUT_SCENE)))
                .allSatisfy(code -> assertThat(played).contains(code));
        assertThat(played).doesNotContainAnyElementsOf(WITHOUT_SCENE);
    }

    /** Each of these words stands in the scene: what it must be is not taken from the answer. */
    @Test
    void whateverIsShortIsToldWithItsClassPlaceAndAmount() {
        List<Scenario> shortages = Stream.of(fleet(), queues(), sourcing(), places())
                .flatMap(List::stream)
                .filter(scenario -> !WITHOUT_AMOUNT.contains(scenario.code()))
                .toList();
        assertThat(shortages).allSatisfy(scenario -> {
            assertThat(scenario.facts()).containsKeys("missing");
            assertThat(scenario.facts().keySet()).containsAnyOf("domain", "queue", "tier");
        });
        assertThat(shortages.stream()
                        .filter(scenario -> scenario.facts().keySet().containsAll(Set.of("class", "domain", "missing")))
                        .map(Scenario::code)
                        .collect(Collectors.toSet()))
                .as("codes of which a scene names class, domain and amount")
                .hasSizeGreaterThanOrEqualTo(12);
    }

    static Stream<Scenario> scenarios() {
        return Stream.of(fleet(), queues(), sourcing(), places(), lives()).flatMap(List::stream);
    }

    private static Scenario scenario(
            ReasonCode code, Map<String, String> facts, String words, Function<Situation, JobState> scene) {
        return new Scenario(code, facts, words, scene);
    }

    // ---- what the fleet is short of

    private static List<Scenario> fleet() {
        return List.of(
                scenario(
                        ReasonCode.NO_SUCH_DEVICES,
                        Map.of("class", "chip", "domain", "fleet", "missing", "1"),
                        "no node of the fleet has a device of chip: 1 short",
                        at -> at.gang("team", 1, 1)),
                scenario(
                        ReasonCode.NO_SUCH_DEVICES,
                        Map.of("class", "any of chip, other", "domain", "fleet", "missing", "2"),
                        "no node of the fleet has a device of any of chip, other: 2 short",
                        at -> at.gang("team", 1, chipOrOther(), 0, "")),
                scenario(
                        ReasonCode.EXCEEDS_FLEET,
                        Map.of("class", "chip", "needed", "12", "healthy", "8", "domain", "c", "missing", "4"),
                        "needs 12 chip, only 8 are healthy and in service: 4 short",
                        at -> at.node("n", "r1", 8).gang("team", 3, 4)),
                scenario(
                        ReasonCode.INSUFFICIENT_DEVICES,
                        Map.of("class", "chip", "needed", "4", "free", "2", "domain", "c", "best", "2", "missing", "2"),
                        "needs 4 chip, 2 are free: 2 short",
                        at -> {
                            at.node("n", "r1", 8).gang("team", 1, 6);
                            return at.undecided().gang("team", 1, 4);
                        }),
                scenario(
                        ReasonCode.INSUFFICIENT_DEVICES,
                        Map.of(
                                "class", "chip", "needed", "6", "domain", "c", "free", "5", "missing", "1", "foreign",
                                "3"),
                        "needs 6 chip, 5 are free: 1 short; 3 are used from outside this fleet",
                        at -> at.node("n", "r1", 8).used("n", 3).gang("team", 1, 6)),
                scenario(
                        ReasonCode.EXCEEDS_FLEET,
                        Map.of(
                                "class",
                                "chip",
                                "needed",
                                "6",
                                "healthy",
                                "0",
                                "observed",
                                "8",
                                "domain",
                                "fleet",
                                "missing",
                                "6"),
                        "only 0 are healthy and in service: 6 short; 8 more are on nodes that are only observed",
                        at -> at.node("n", "r1", 8).observed("n").gang("team", 1, 6)),
                scenario(
                        ReasonCode.WORKER_EXCEEDS_NODES,
                        Map.of(
                                "class",
                                "chip",
                                "resource",
                                "devices",
                                "domain",
                                "c/m",
                                "missing",
                                "2",
                                "largest",
                                "4",
                                "observed",
                                "c/n"),
                        "the largest node has 4: 2 short; node c/n could and is only observed",
                        at -> at.node("n", "r1", 8)
                                .observed("n")
                                .node("m", "r1", 4)
                                .gang("team", 1, 6)),
                scenario(
                        ReasonCode.FRAGMENTED_DEVICES,
                        Map.of(
                                "class",
                                "chip",
                                "perWorker",
                                "4",
                                "placeable",
                                "0",
                                "domain",
                                "c/a",
                                "best",
                                "1",
                                "missing",
                                "1"),
                        "only 0 of 1 workers find 4 together on a node: 1 short; node c/a has 1 of 4",
                        at -> {
                            at.node("a", "r1", 4)
                                    .node("b", "r1", 4)
                                    .node("c", "r1", 4)
                                    .node("d", "r1", 4);
                            at.gang("team", 4, 3);
                            return at.undecided().gang("team", 1, 4);
                        }),
                scenario(
                        ReasonCode.INSUFFICIENT_RESOURCE,
                        Map.of("class", "chip", "resource", "cpu", "placeable", "0", "domain", "c/n", "missing", "1"),
                        "cpu is short on the nodes of chip: 0 of 1 workers fit: 1 short; node c/n has 2 left",
                        at -> {
                            at.node("n", "r1", 8).gang("team", 1, AcceleratorRequest.of("chip", 1), 6_000, "");
                            return at.undecided().gang("team", 1, AcceleratorRequest.of("chip", 1), 4_000, "");
                        }),
                scenario(
                        ReasonCode.INSUFFICIENT_RESOURCE,
                        Map.of("resource", "cpu", "placeable", "0", "domain", "c/n", "missing", "1"),
                        "cpu is short: 0 of 1 workers fit: 1 short; node c/n has 2 left",
                        at -> {
                            at.node("n", "r1", 8).gang("team", 1, AcceleratorRequest.NONE, 6_000, "");
                            return at.undecided().gang("team", 1, AcceleratorRequest.NONE, 4_000, "");
                        }),
                scenario(
                        ReasonCode.WORKER_EXCEEDS_NODES,
                        Map.of(
                                "class",
                                "chip",
                                "resource",
                                "cpu",
                                "largest",
                                "8000",
                                "domain",
                                "c/n",
                                "missing",
                                "1000"),
                        "one worker needs 9 cpu, the largest node has 8: 1 short",
                        at -> at.node("n", "r1", 8).gang("team", 1, AcceleratorRequest.of("chip", 1), 9_000, "")),
                scenario(
                        ReasonCode.TOPOLOGY,
                        Map.of("class", "chip", "level", "rack", "domain", "c/r1", "best", "2", "missing", "1"),
                        "not inside one rack: c/r1 holds 2 of them: 1 short",
                        at -> at.node("a", "r1", 8)
                                .node("b", "r1", 8)
                                .node("c", "r2", 8)
                                .gang("team", 3, AcceleratorRequest.of("chip", 8), 0, "rack")),
                scenario(
                        ReasonCode.WHOLE_LEVEL,
                        Map.of(
                                "class", "chip", "level", "rack", "best", "0", "domain", "c/r2", "busy", "2", "missing",
                                "1"),
                        "0 of 1 workers fit where nothing runs: 1 short; in rack c/r2 2 devices are busy",
                        at -> {
                            at.wholeRacks()
                                    .node("a", "r1", 4)
                                    .node("b", "r1", 4)
                                    .node("c", "r2", 4);
                            at.gang("team", 1, 2);
                            at.gang("team", 2, 4);
                            return at.undecided().gang("team", 1, 2);
                        }),
                scenario(
                        ReasonCode.SPREAD,
                        Map.of(
                                "class", "chip", "level", "rack", "maxSkew", "1", "domain", "c/r2", "best", "0",
                                "missing", "1"),
                        "rack c/r2 may take another and holds 0 of its 1 workers: 1 short",
                        at -> {
                            at.node("a", "r1", 8).node("b", "r2", 1).gang("team", 1, 1);
                            return at.serveEvenly(3);
                        }));
    }

    private static AcceleratorRequest chipOrOther() {
        ClassSelector selector = new ClassSelector(List.of("chip", "other"), "", 0, List.of());
        return new AcceleratorRequest("", selector, 2, 1000, "");
    }

    // ---- queues and users

    private static List<Scenario> queues() {
        return List.of(
                scenario(
                        ReasonCode.QUEUE_LIMIT,
                        Map.of("class", "chip", "queue", "team", "scope", "class chip", "limit", "4", "missing", "2"),
                        "queue team may use 4 of class chip, uses 3, and this needs 3: 2 too many",
                        at -> {
                            at.node("n", "r1", 8).queue(queueOf(-1, 4, -1, -1)).gang("team", 1, 3);
                            return at.gang("team", 1, 3);
                        }),
                scenario(
                        ReasonCode.BORROW_LIMIT,
                        Map.of(
                                "class",
                                "chip",
                                "queue",
                                "team",
                                "scope",
                                "class chip",
                                "borrowLimit",
                                "1",
                                "missing",
                                "3"),
                        "may borrow 1 of class chip beyond its guarantee of 2, uses 3, and this needs 3: 3 too many",
                        at -> {
                            at.node("n", "r1", 8).queue(queueOf(2, -1, 1, -1)).gang("team", 1, 3);
                            return at.gang("team", 1, 3);
                        }),
                scenario(
                        ReasonCode.WITHHELD,
                        Map.of(
                                "class",
                                "chip",
                                "queue",
                                "owner",
                                "scope",
                                "class chip",
                                "withheld",
                                "6",
                                "missing",
                                "1"),
                        "are kept back for guarantees of queue owner; this needs 3: 1 short",
                        at -> at.node("n", "r1", 8)
                                .queue(Situation.queue("owner", Situation.quota(6, -1, -1, 0)))
                                .gang("team", 1, 3)),
                scenario(
                        ReasonCode.USER_DEVICES,
                        Map.of("class", "chip", "queue", "team", "user", "ada", "limit", "4", "missing", "2"),
                        "ada may have 4 devices in queue team, has 3, and this needs 3: 2 too many",
                        at -> {
                            at.node("n", "r1", 8).queue(users(4, 0)).gang("team", 1, 3);
                            return at.gang("team", 1, 3);
                        }),
                scenario(
                        ReasonCode.USER_JOBS,
                        Map.of("class", "chip", "queue", "team", "user", "ada", "limit", "1", "missing", "1"),
                        "ada may run 1 jobs in queue team: 1 too many",
                        at -> {
                            at.node("n", "r1", 8).queue(users(0, 1)).gang("team", 1, 3);
                            return at.gang("team", 1, 3);
                        }),
                scenario(
                        ReasonCode.QUEUE_HELD,
                        Map.of("queue", "team", "state", "HOLD"),
                        "queue team is HOLD and starts nothing",
                        at -> at.node("n", "r1", 8)
                                .queue(new JobQueue("team", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.HOLD))
                                .gang("team", 1, 3)));
    }

    private static JobQueue queueOf(long guarantee, long limit, long borrow, long lend) {
        Quota quota = Situation.quota(guarantee, limit, borrow, lend);
        return Situation.queue("team", quota);
    }

    private static JobQueue users(int devices, int jobs) {
        return new JobQueue("team", "", Map.of(), 1, List.of(), devices, jobs, 0, QueueState.OPEN);
    }

    // ---- policies

    private static List<Scenario> sourcing() {
        return List.of(
                scenario(
                        ReasonCode.SOURCING_CAP,
                        Map.of(
                                "policy",
                                "p",
                                "class",
                                "chip",
                                "tier",
                                "DESIGNER",
                                "supplier",
                                "maker",
                                "cap",
                                "50",
                                "wouldBe",
                                "75.0",
                                "missing",
                                "2"),
                        "policy p lets maker have 50% at tier designer; chip would make it 75.0%, now 0.0%: 2 too many",
                        at -> at.node("n", "r1", 8).policy(capped()).gang("team", 1, 6)),
                scenario(
                        ReasonCode.SOURCING_REPLICAS,
                        Map.of(
                                "class",
                                "chip",
                                "tier",
                                "DESIGNER",
                                "supplier",
                                "maker",
                                "replicas",
                                "1",
                                "most",
                                "1",
                                "missing",
                                "1"),
                        "maker serves 1 replicas and may serve 1, so that its loss leaves 50%: 1 too many",
                        at -> at.node("n", "r1", 8).serve(2, 0, 50)),
                scenario(
                        ReasonCode.SOURCING_SUPPLIERS,
                        Map.of("class", "chip", "tier", "DESIGNER", "suppliers", "1", "wanted", "2", "missing", "1"),
                        "with chip the replicas would rest on 1 of 2 suppliers at tier designer: 1 short",
                        at -> at.node("n", "r1", 8).serve(2, 2, 0)));
    }

    private static SourcingPolicy capped() {
        SourcingRule rule = new SourcingRule(
                Tier.DESIGNER, "maker", 50, SourcingPolicy.NO_BOUND, SourcingPolicy.NO_BOUND, Enforcement.HARD);
        return new SourcingPolicy(
                "p",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                0,
                List.of(rule),
                0,
                PinnedWork.BLOCK,
                InferenceSourcing.NONE,
                List.of());
    }

    // ---- places that are kept

    private static List<Scenario> places() {
        return List.of(
                scenario(
                        ReasonCode.AWAITING_RESERVATION,
                        Map.of("class", "chip", "workers", "1", "domain", "c/n", "missing", "4"),
                        "a place for 1 workers on chip is kept and still in use: 4 devices, first on node c/n",
                        at -> {
                            at.run(at.node("n", "r1", 8).gang("team", 1, 6));
                            JobState waits = at.gang("team", 1, 4);
                            at.pass(3600);
                            return waits;
                        }),
                scenario(
                        ReasonCode.AWAITING_EVICTION,
                        Map.of("class", "chip", "workers", "1", "domain", "c/n", "missing", "4"),
                        "others were asked to leave chip for its 1 workers: 4 devices, first on node c/n",
                        at -> {
                            at.run(at.node("n", "r1", 8).priority("low").gang("team", 1, 6));
                            JobState waits = at.priority("high").gang("team", 1, 4);
                            at.pass(60);
                            return waits;
                        }),
                scenario(
                        ReasonCode.AWAITING_EVICTION,
                        Map.of("class", "chip", "workers", "1", "domain", "c/n", "missing", "1"),
                        "others were asked to leave chip for its 1 workers: 1 devices, first on node c/n",
                        at -> {
                            AcceleratorRequest share = AcceleratorRequest.share("chip", 600);
                            at.run(at.node("n", "r1", 1).priority("low").gang("team", 1, share, 0, ""));
                            JobState waits = at.priority("high").gang("team", 1, share, 0, "");
                            at.pass(60);
                            return waits;
                        }),
                scenario(
                        ReasonCode.AWAITING_EVICTION,
                        Map.of("class", "chip", "workers", "1", "domain", "c/n", "missing", "1"),
                        "others were asked to leave chip for its 1 workers: 1 devices, first on node c/n",
                        at -> {
                            at.halves().node("n", "r1", 1).priority("low");
                            at.run(at.gang("team", 3, part("quarter"), 0, ""));
                            JobState waits = at.priority("high").gang("team", 1, part("half"), 0, "");
                            at.pass(60);
                            return waits;
                        }),
                scenario(
                        ReasonCode.RESERVED,
                        Map.of(
                                "class",
                                "chip",
                                "workers",
                                "1",
                                "placeable",
                                "0",
                                "domain",
                                "c/n",
                                "job",
                                "ns/job-2",
                                "missing",
                                "1"),
                        "what is free on node c/n is kept for ns/job-2; 0 of 1 workers have room elsewhere: 1 short",
                        at -> {
                            at.run(at.node("n", "r1", 8).gang("team", 1, 6));
                            at.gang("team", 1, 8);
                            at.pass(3600);
                            return at.gang("team", 1, 2);
                        }),
                scenario(
                        ReasonCode.BEHIND_OTHERS,
                        Map.of("queue", "team", "position", "2"),
                        "place 2 in queue team",
                        at -> {
                            at.node("n", "r1", 8).undecided().gang("team", 1, 4);
                            return at.gang("team", 1, 4);
                        }));
    }

    private static AcceleratorRequest part(String partition) {
        return new AcceleratorRequest("chip", null, 1, 1000, partition);
    }

    // ---- how attempts go

    private static List<Scenario> lives() {
        return List.of(
                scenario(
                        ReasonCode.NOT_CONSIDERED,
                        Map.of(),
                        "not considered yet",
                        at -> at.node("n", "r1", 8).undecided().unseen().gang("team", 1, 1)),
                scenario(
                        ReasonCode.PLACEMENT_HALTED,
                        Map.of(
                                "cause",
                                "the ledger is older than what was durable already (revision 900);"
                                        + " a backup was restored"),
                        "nothing is started until an operator resumes it: the ledger is older",
                        at -> at.node("n", "r1", 8).restored(900).gang("team", 1, 1)),
                scenario(
                        ReasonCode.POD_REJECTED,
                        Map.of("failures", "0", "message", "exceeded quota: pods, used: 8, limited: 8"),
                        "its cluster refused a pod: exceeded quota: pods, used: 8, limited: 8; waits until",
                        at -> {
                            JobState job = at.node("n", "r1", 8).gang("team", 1, 1);
                            at.rejected(job, "exceeded quota: pods, used: 8, limited: 8");
                            return job;
                        }),
                scenario(ReasonCode.BACKOFF, Map.of("failures", "1", "exitCode", "7"), "failure 1", at -> {
                    JobState job = at.run(at.node("n", "r1", 8).gang("team", 1, 1));
                    at.end(job, EndCause.EXIT_CODE, 7);
                    return job;
                }),
                scenario(ReasonCode.WAITING_FOR_FENCE, Map.of("node", "c/n"), "node c/n is lost; fence it", at -> {
                    JobState job = at.run(at.node("n", "r1", 8).gang("team", 1, 1));
                    at.silent("n");
                    return job;
                }),
                scenario(ReasonCode.STOPPING, Map.of("cause", "PREEMPTED"), "stopping: PREEMPTED", at -> {
                    JobState job = at.run(at.node("n", "r1", 8).priority("low").gang("team", 1, 6));
                    at.priority("high").gang("team", 1, 4);
                    at.pass(60);
                    return job;
                }),
                scenario(ReasonCode.COMPLETED, Map.of(), "completed", at -> {
                    JobState job = at.run(at.node("n", "r1", 8).gang("team", 1, 1));
                    at.end(job, EndCause.COMPLETED, 0);
                    return job;
                }),
                scenario(ReasonCode.FATAL_EXIT_CODE, Map.of("exitCode", "3"), "fatal exit code 3", at -> {
                    JobState job = at.run(at.node("n", "r1", 8).retries(6, 3).gang("team", 1, 1));
                    at.end(job, EndCause.EXIT_CODE, 3);
                    return job;
                }),
                scenario(
                        ReasonCode.BACKOFF_LIMIT_EXCEEDED,
                        Map.of("failures", "1", "limit", "0"),
                        "failed 1 times, the limit is 0",
                        at -> {
                            JobState job =
                                    at.run(at.node("n", "r1", 8).retries(0).gang("team", 1, 1));
                            at.end(job, EndCause.EXIT_CODE, 7);
                            return job;
                        }),
                scenario(ReasonCode.CANCELLED, Map.of("actor", "ada"), "cancelled by ada", at -> {
                    JobState job = at.gang("team", 1, 1);
                    at.cancel(job);
                    return job;
                }),
                scenario(ReasonCode.DEADLINE_EXCEEDED, Map.of("seconds", "60"), "ran for its 60 s", at -> {
                    JobState job = at.run(at.node("n", "r1", 8).deadline(60).gang("team", 1, 1));
                    at.pass(120);
                    return job;
                }));
    }
}
