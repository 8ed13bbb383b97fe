package dev.interposer.tests.e2e;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Breaks an installation round after round, by a seed, and mends it again. */
final class Campaign {
    private static final Fault.Kind[] KINDS = Fault.Kind.values();

    private final Installation installation;
    private final Random random;
    private final List<Fault.Kind> deck = new ArrayList<>();

    /** What must be done when a fault ends. */
    private interface Mending {
        void mend() throws IOException, InterruptedException;
    }

    Campaign(Installation installation, long seed) {
        this.installation = installation;
        this.random = new Random(seed);
    }

    /** One fault, or two at once; all is mended on return. */
    List<Fault> round() throws IOException, InterruptedException {
        List<Fault> faults = new ArrayList<>(List.of(Fault.random(random, draw(), installation)));
        if (random.nextInt(3) == 0) {
            Fault.Kind second = KINDS[random.nextInt(KINDS.length)];
            if (!touchesTheSame(faults.getFirst().kind(), second)) {
                faults.add(Fault.random(random, second, installation));
            }
        }
        Thread.sleep(random.nextInt(1_000));
        List<Mending> mendings = new ArrayList<>();
        for (Fault fault : faults) {
            mendings.add(begin(fault));
            Thread.sleep(random.nextInt(200));
        }
        for (int number = 0; number < faults.size(); number++) {
            Thread.sleep(faults.get(number).holdMillis());
            mendings.get(number).mend();
        }
        return faults;
    }

    /** Every kind once before any comes again. */
    private Fault.Kind draw() {
        if (deck.isEmpty()) {
            deck.addAll(Arrays.asList(KINDS));
            Collections.shuffle(deck, random);
        }
        return deck.removeLast();
    }

    private static boolean touchesTheSame(Fault.Kind one, Fault.Kind other) {
        String word = one.name().substring(one.name().lastIndexOf('_'));
        return other.name().endsWith(word);
    }

    private Mending begin(Fault fault) throws IOException, InterruptedException {
        int number = fault.server() == Fault.LEADER ? leader() : fault.server();
        return switch (fault.kind()) {
            case KILL_SERVER, STOP_SERVER, RESTART_SERVER -> {
                Process server = installation.server(number);
                yield onProcess(fault.kind().name(), server, () -> installation.restartServer(number));
            }
            case KILL_AGENT, STOP_AGENT, RESTART_AGENT -> {
                Process agent = installation.agent(fault.agent());
                yield onProcess(fault.kind().name(), agent, () -> installation.restartAgent(fault.agent()));
            }
            case KILL_DATABASE -> {
                installation.postgres().kill();
                yield installation.postgres()::start;
            }
            case STOP_DATABASE -> {
                installation.postgres().stopForAWhile();
                yield installation.postgres()::goOn;
            }
            case RESTART_DATABASE -> {
                installation.postgres().stop();
                yield installation.postgres()::start;
            }
            case CUT_LEADER_FROM_DATABASE ->
                cut(fault, List.of(installation.links(leader()).database()));
            case CUT_STANDBY_FROM_DATABASE -> {
                int standby = (leader() + 1) % installation.serverCount();
                yield cut(fault, List.of(installation.links(standby).database()));
            }
            case CUT_AGENTS_FROM_SERVER -> cut(fault, installation.links(number).agents());
            case CUT_AGENT_FROM_SERVER ->
                cut(fault, List.of(installation.links(number).agent(fault.agent())));
            case CUT_CLIENTS_FROM_SERVER ->
                cut(fault, List.of(installation.links(number).clients()));
        };
    }

    private Mending onProcess(String kind, Process process, Mending restart) throws IOException, InterruptedException {
        if (kind.startsWith("STOP")) {
            installation.signal("STOP", process.toHandle());
            return () -> installation.signal("CONT", process.toHandle());
        }
        if (kind.startsWith("KILL")) {
            process.destroyForcibly().waitFor();
        } else {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new AssertionError("a process did not end within 20 s of being asked to");
            }
        }
        return restart;
    }

    private static Mending cut(Fault fault, List<Proxy> ways) {
        ways.forEach(way -> way.cut(fault.cut()));
        return () -> ways.forEach(Proxy::heal);
    }

    /** Whoever leads now, or the first server when nobody does. */
    private int leader() throws IOException {
        return Math.max(0, installation.leaderNow());
    }
}
