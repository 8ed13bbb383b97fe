package dev.interposer.tests.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The engine alone, on one thread: state, backlog, placing. One operation ends a gang, decides and submits another; the
 * counters {@code placements} and {@code workers} say how many gangs and workers were placed a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 4)
@Measurement(iterations = 4, time = 4)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms3g", "-Xmx3g", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
public class DecideBenchmark {
    /** Nodes of 8 devices each. */
    @Param({"1000", "10000", "100000"})
    int nodes;

    /** Gangs that wait. */
    @Param("100000")
    int waiting;

    /** Whether every rule is on. */
    @Param("true")
    boolean ruled;

    private DecideScene scene;

    /** Counted by JMH for each second. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Counters {
        public long placements;
        public long workers;
    }

    @Setup(Level.Trial)
    public void fill() {
        scene = new DecideScene(nodes, waiting, 42, ruled);
    }

    @TearDown(Level.Trial)
    public void tell() {
        System.out.println("free " + scene.freeMilli() + " of 1000 devices, " + scene.waiting() + " gangs wait");
    }

    @Benchmark
    public void endDecideSubmit(Counters counters) {
        long placements = scene.placements();
        long workers = scene.workers();
        scene.operate();
        counters.placements += scene.placements() - placements;
        counters.workers += scene.workers() - workers;
    }
}
