package dev.interposer.server.view;

import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** A typed reason in words. Text is made here and nowhere else. */
public final class ReasonText {
    private ReasonText() {}

    public static String of(Reason reason) {
        Map<String, String> given = reason.parameters();
        return switch (reason.code()) {
            case NONE -> "";
            case NOT_CONSIDERED -> "not considered yet";
            case NO_SUCH_DEVICES,
                    EXCEEDS_FLEET,
                    INSUFFICIENT_DEVICES,
                    FRAGMENTED_DEVICES,
                    INSUFFICIENT_RESOURCE,
                    WORKER_EXCEEDS_NODES -> byFleet(reason.code(), given);
            case TOPOLOGY, WHOLE_LEVEL, SPREAD -> byLevel(reason.code(), given);
            case BEHIND_OTHERS ->
                given.containsKey("position")
                        ? "place " + of(given, "position") + " in queue " + of(given, "queue")
                        : "others of queue " + of(given, "queue") + " come first";
            case SOURCING_CAP ->
                "policy " + of(given, "policy") + " lets " + of(given, "supplier") + " have " + of(given, "cap")
                        + "% at "
                        + tier(given) + "; " + of(given, "class") + " would make it " + of(given, "wouldBe")
                        + "%, now " + of(given, "share") + "%" + over(given);
            case SOURCING_REPLICAS ->
                of(given, "supplier") + " serves " + of(given, "replicas") + " replicas and may serve "
                        + of(given, "most") + ", so that its loss leaves " + of(given, "coverage") + "%"
                        + over(given) + by(given);
            case SOURCING_SUPPLIERS ->
                "with " + of(given, "class") + " the replicas would rest on " + of(given, "suppliers") + " of "
                        + of(given, "wanted") + " suppliers at " + tier(given) + lacking(given) + by(given);
            case PLACEMENT_HALTED,
                    QUEUE_HELD,
                    RESERVED,
                    AWAITING_RESERVATION,
                    AWAITING_EVICTION,
                    QUEUE_LIMIT,
                    BORROW_LIMIT,
                    WITHHELD,
                    USER_DEVICES,
                    USER_JOBS -> byQueue(reason.code(), given);
            case PROFILE_KEPT -> "ran under profile " + of(given, "profile") + " and keeps it";
            case BACKOFF ->
                "failure " + of(given, "failures") + ended(given) + ", waits until "
                        + at(given.getOrDefault("untilMicros", ""));
            case POD_REJECTED ->
                "its cluster refused a pod: " + of(given, "message") + "; waits until "
                        + at(given.getOrDefault("untilMicros", ""));
            case SUSPENDED, SCALED_DOWN -> byWish(reason.code());
            case WAITING_FOR_FENCE -> "node " + of(given, "node") + " is lost; fence it or bring it back";
            case STOPPING -> "stopping: " + of(given, "cause", "release asked for");
            case COMPLETED -> "completed";
            case FATAL_EXIT_CODE ->
                "worker " + of(given, "worker") + " ended with fatal exit code " + of(given, "exitCode");
            case BACKOFF_LIMIT_EXCEEDED ->
                "failed " + of(given, "failures") + " times, the limit is " + of(given, "limit") + ended(given);
            case CANCELLED -> "cancelled by " + of(given, "actor", "somebody");
            case DEADLINE_EXCEEDED -> "ran for its " + of(given, "seconds") + " s";
        };
    }

    /** What the fleet is short of. */
    private static String byFleet(ReasonCode code, Map<String, String> given) {
        return switch (code) {
            case NO_SUCH_DEVICES ->
                "no node of the fleet has a device of " + of(given, "class", "the wanted classes") + lacking(given);
            case EXCEEDS_FLEET ->
                "needs " + of(given, "needed") + " " + of(given, "class") + ", only " + of(given, "healthy")
                        + " are healthy and in service" + lacking(given)
                        + (given.containsKey("observed")
                                ? "; " + of(given, "observed") + " more are on nodes that are only observed"
                                : "");
            case INSUFFICIENT_DEVICES ->
                (given.containsKey("part")
                                ? "needs room for " + of(given, "needed") + " × " + of(given, "part") + " of "
                                        + of(given, "class") + ", there is room for " + of(given, "free")
                                : "needs " + of(given, "needed") + " " + of(given, "class") + ", " + of(given, "free")
                                        + " are free")
                        + lacking(given)
                        + (given.containsKey("foreign")
                                ? "; " + of(given, "foreign") + " are used from outside this fleet"
                                : "");
            case FRAGMENTED_DEVICES ->
                of(given, "class") + ": enough free in total, but only " + of(given, "placeable") + " of "
                        + of(given, "workers") + " workers find " + of(given, "perWorker") + " together on a node"
                        + lacking(given) + nearest(given);
            case INSUFFICIENT_RESOURCE ->
                of(given, "resource") + " is short" + on(given) + ": " + of(given, "placeable") + " of "
                        + of(given, "needed") + " workers fit" + lacking(given) + left(given);
            case WORKER_EXCEEDS_NODES ->
                "one worker needs " + amount(given, "needed") + " " + of(given, "resource") + ", the largest node has "
                        + amount(given, "largest")
                        + (given.containsKey("missing") ? ": " + amount(given, "missing") + " short" : "")
                        + (given.containsKey("observed")
                                ? "; node " + of(given, "observed") + " could and is only observed"
                                : "");
            default -> throw new IllegalArgumentException(code + " is not of the fleet");
        };
    }

    private static String byWish(ReasonCode code) {
        return code == ReasonCode.SUSPENDED ? "held back by its owner" : "its job needs fewer replicas";
    }

    private static String byLevel(ReasonCode code, Map<String, String> given) {
        String domain = of(given, "domain", "");
        String level = of(given, "level");
        if (code == ReasonCode.TOPOLOGY) {
            return given.containsKey("groupSize")
                    ? of(given, "class") + ": " + of(given, "placeable") + " of " + of(given, "needed")
                            + " workers fit in groups of " + of(given, "groupSize") + " inside one " + level
                            + lacking(given)
                            + (domain.isEmpty() ? "" : "; " + domain + " has room for " + of(given, "best") + " more")
                    : named(given) + of(given, "needed") + " workers fit, but not inside one " + level + best(given);
        }
        return code == ReasonCode.WHOLE_LEVEL
                ? of(given, "class") + " gives a " + level + " whole or not at all: " + of(given, "best") + " of "
                        + of(given, "needed") + " workers fit where nothing runs" + lacking(given)
                        + (domain.isEmpty()
                                ? ""
                                : "; in " + level + " " + domain + " " + of(given, "busy") + " devices are busy")
                : of(given, "class") + ": replicas may differ by " + of(given, "maxSkew") + " a " + level
                        + (domain.isEmpty()
                                ? ", and none may take another" + lacking(given)
                                : "; " + level + " " + domain + " may take another and holds " + of(given, "best")
                                        + " of its " + of(given, "needed") + " workers" + lacking(given));
    }

    /** What a halt, the queues and the places kept for others say. */
    private static String byQueue(ReasonCode code, Map<String, String> given) {
        return switch (code) {
            case PLACEMENT_HALTED ->
                "nothing is started until an operator resumes it: " + of(given, "cause") + " (`interposer resume`)";
            case QUEUE_HELD -> "queue " + of(given, "queue") + " is " + of(given, "state") + " and starts nothing";
            case RESERVED ->
                of(given, "class") + ": what is free on node " + of(given, "domain") + " is kept for "
                        + of(given, "job") + "; " + of(given, "placeable") + " of " + of(given, "workers")
                        + " workers have room elsewhere" + lacking(given) + expected(given);
            case AWAITING_RESERVATION ->
                "a place for " + of(given, "workers") + " workers"
                        + (given.containsKey("class") ? " on " + of(given, "class") : "")
                        + " is kept and still in use" + busy(given) + expected(given);
            case AWAITING_EVICTION ->
                "others were asked to leave " + of(given, "class", "nodes") + " for its " + of(given, "workers")
                        + " workers" + busy(given) + expected(given);
            case QUEUE_LIMIT ->
                "queue " + of(given, "queue") + " may use " + of(given, "limit") + " of " + of(given, "scope")
                        + ", uses " + of(given, "used") + ", and this needs " + of(given, "needed") + over(given);
            case BORROW_LIMIT ->
                "queue " + of(given, "queue") + " may borrow " + of(given, "borrowLimit") + " of " + of(given, "scope")
                        + " beyond its guarantee of " + of(given, "guarantee") + ", uses " + of(given, "used")
                        + ", and this needs " + of(given, "needed") + over(given);
            case WITHHELD ->
                of(given, "withheld") + " of the " + of(given, "free") + " free of " + of(given, "scope")
                        + " are kept back for guarantees of queue " + of(given, "queue") + "; this needs "
                        + of(given, "needed") + lacking(given);
            case USER_DEVICES ->
                of(given, "user") + " may have " + of(given, "limit") + " devices in queue " + of(given, "queue")
                        + ", has " + of(given, "used") + ", and this needs " + of(given, "needed") + over(given);
            case USER_JOBS ->
                of(given, "user") + " may run " + of(given, "limit") + " jobs in queue " + of(given, "queue")
                        + over(given);
            default -> throw new IllegalArgumentException(code + " is not of a queue");
        };
    }

    private static String ended(Map<String, String> given) {
        return given.containsKey("exitCode")
                ? " (worker " + of(given, "worker") + ": " + of(given, "cause") + ", exit code " + of(given, "exitCode")
                        + ")"
                : "";
    }

    private static String best(Map<String, String> given) {
        String domain = of(given, "domain", "");
        return domain.isEmpty() ? "" : ": " + domain + " holds " + of(given, "best") + " of them" + lacking(given);
    }

    private static String lacking(Map<String, String> given) {
        String missing = of(given, "missing", "0");
        return missing.equals("0") ? "" : ": " + missing + " short";
    }

    private static String over(Map<String, String> given) {
        String missing = of(given, "missing", "0");
        return missing.equals("0") ? "" : ": " + missing + " too many";
    }

    private static String nearest(Map<String, String> given) {
        String domain = of(given, "domain", "");
        return domain.isEmpty()
                ? ""
                : "; node " + domain + " has " + of(given, "best") + " of " + of(given, "perWorker");
    }

    private static String left(Map<String, String> given) {
        String domain = of(given, "domain", "");
        return domain.isEmpty() ? "" : "; node " + domain + " has " + amount(given, "best") + " left";
    }

    /** What of a kept place others still have. */
    private static String busy(Map<String, String> given) {
        if (!given.containsKey("missing")) {
            return "";
        }
        String what = given.containsKey("resource")
                ? of(given, "resource") + " for " + of(given, "missing") + " workers"
                : of(given, "missing") + " devices";
        return ": " + what + ", first on node " + of(given, "domain");
    }

    private static String named(Map<String, String> given) {
        return given.containsKey("class") ? of(given, "class") + ": " : "";
    }

    private static String tier(Map<String, String> given) {
        return "tier " + of(given, "tier").toLowerCase(Locale.ROOT);
    }

    private static String by(Map<String, String> given) {
        String policy = of(given, "policy", "");
        return policy.isEmpty() ? "" : " (policy " + policy + ")";
    }

    private static String on(Map<String, String> given) {
        String name = of(given, "class", "");
        return name.isEmpty() ? "" : " on the nodes of " + name;
    }

    private static String expected(Map<String, String> given) {
        String start = given.getOrDefault("startAtMicros", "");
        return start.isEmpty() ? "" : ", expected at " + at(start);
    }

    private static String amount(Map<String, String> given, String name) {
        return Amounts.of(of(given, "resource", ""), of(given, name));
    }

    private static String at(String micros) {
        return micros.isEmpty()
                ? "its time comes"
                : Instant.EPOCH
                        .plus(Duration.ofMillis(Long.parseLong(micros) / 1000))
                        .toString();
    }

    private static String of(Map<String, String> given, String name) {
        return of(given, name, "?");
    }

    private static String of(Map<String, String> given, String name, String absent) {
        return given.getOrDefault(name, absent);
    }
}
