package dev.interposer.agent.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the process of a worker is made.
 *
 * <p>Naive is to give the job's environment to the shell that stands between. That shell has the agent's rights, and a
 * submitter gets them by {@code LD_PRELOAD} or {@code PATH}. So it begins with an environment of our own, and what the
 * job says waits at its standard input, in a file that has no name any more, until a second shell with the worker's
 * rights reads it, right before it becomes the program. On a command line everybody could read it. What only the worker
 * can say, whether it may enter its folder and finds its program, that shell says by a file that the program never has.
 */
final class Launch {
    private static final Logger LOG = System.getLogger(Launch.class.getName());
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final int REFUSALS = 4;

    private static final String REFUSALS_TO = "exec 4>> \"$INTERPOSER_EXIT_FILE.refused\"; ";

    /** Before the worker's own, so that nothing of it is ever outside. */
    private static final String BOUND = "if [ -n \"$INTERPOSER_CGROUP\" ]; then echo $$ > \"$INTERPOSER_CGROUP\""
            + " || { echo 'its cgroup can not be entered' >&4; exit 125; }; fi; ";

    /**
     * Ends the worker, itself too and itself last, when no leader was heard for the lease: the agent may be gone by
     * then. Ranks that a launcher put into sessions of their own are found by their cgroup, or by their environment. It
     * is in no cgroup of the worker, which may leave it no process to look with.
     */
    private static final String END_ALL =
            "if [ -n \"$INTERPOSER_CGROUP\" ]; then echo 1 > \"${INTERPOSER_CGROUP%cgroup.procs}cgroup.kill\"; fi;"
                    + " read -r me stat < /proc/self/stat;"
                    + " for at in /proc/[0-9]*; do pid=${at#/proc/}; [ \"$pid\" != \"$me\" ] || continue;"
                    + " read -r stat < \"$at/stat\" || continue; set -- ${stat##*) };"
                    + " if [ \"$4\" = $$ ]; then own=\"$own $pid\";"
                    + " elif grep -qzxF \"INTERPOSER_EXIT_FILE=$INTERPOSER_EXIT_FILE\" \"$at/environ\"; then"
                    + " kill -9 \"$pid\"; fi; done; kill -9 $own; kill -9 -$$;";

    private static final String WATCHDOG = "if [ \"${INTERPOSER_LEASE_SECONDS:-0}\" -gt 0 ]; then"
            + " (trap '' TERM HUP INT QUIT USR1 USR2; while sleep 1; do read -r up rest < /proc/uptime;"
            + " read -r heard < \"$INTERPOSER_LEASE_FILE\" || heard=0;"
            + " if [ $((${up%.*} - heard)) -ge \"$INTERPOSER_LEASE_SECONDS\" ]; then " + END_ALL + " fi;"
            + " done) > /dev/null 2>&1 4>&- & fi; ";

    private static final String WRAPPER =
            "read -r boot < /proc/sys/kernel/random/boot_id; read -r stat < /proc/$$/stat;"
                    + " echo \"$$ $(set -- ${stat##*) }; echo \"${20}\") $boot\" > \"$INTERPOSER_EXIT_FILE.process\";"
                    + " echo $$ > \"$INTERPOSER_EXIT_FILE.pid\"; trap : TERM HUP INT QUIT USR1 USR2; \"$@\"; code=$?;"
                    // By no program: what is left of a worker may have taken all the processes that it may have.
                    + " echo $code > \"$INTERPOSER_EXIT_FILE\"; exit $code";

    /** With the worker's rights. The search for the program is in a shell of its own, since the job may say IFS. */
    private static final String ENTER = "cd -- \"$1\" 2> /dev/null || {"
            + " printf 'working directory %s does not exist or can not be entered\\n' \"$1\" >&4; exit 126; };"
            + " shift; unset OLDPWD; eval \"$(cat)\";"
            + " case $1 in */*) [ -f \"$1\" ] && [ -x \"$1\" ];;"
            + " *) (IFS=:; set -f; for at in $PATH; do"
            + " [ -f \"${at:-.}/$1\" ] && [ -x \"${at:-.}/$1\" ] && exit 0; done; exit 1);; esac || {"
            + " printf 'program %s does not exist, can not be executed or is not on the PATH (%s)\\n' \"$1\" \"$PATH\""
            + " >&4; exit 127; }; exec \"$@\" 4>&- < /dev/null";

    private final Path home;
    private final Path exitFile;
    private final Programs programs;
    private final Map<String, String> ours = new TreeMap<>();
    private final Map<String, String> environment = new TreeMap<>();

    Launch(Path home, Path exitFile, Programs programs) {
        this.home = home;
        this.exitFile = exitFile;
        this.programs = programs;
    }

    /** What the shell between is told, and the worker too, whatever its job says. */
    void tell(String name, String value) {
        ours.put(name, value);
    }

    /** What the worker alone is told. */
    Map<String, String> environment() {
        return environment;
    }

    /** Where the worker's own rights did not suffice to begin, in words for people. */
    static Path refusal(Path exitFile) {
        return Path.of(exitFile + ".refused");
    }

    /** Why it did not begin; empty if it did. */
    static String refused(Path exitFile) throws IOException {
        Path file = refusal(exitFile);
        if (!Files.exists(file)) {
            return "";
        }
        try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return String.join("; ", lines.limit(REFUSALS).toList());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * The process; {@link #input} must be there when it is started.
     *
     * @param user whose rights the worker gets; null for the agent's own
     */
    ProcessBuilder process(Path work, List<String> command, @Nullable WorkerUser user) throws IOException {
        String shell = programs.find("sh");
        List<String> words = new ArrayList<>(List.of(
                programs.find("setsid"), shell, "-c", REFUSALS_TO + WATCHDOG + BOUND + WRAPPER, "interposer-worker"));
        if (user != null) {
            words.add(programs.find("setpriv"));
            words.addAll(user.options());
        }
        words.addAll(List.of(shell, "-c", ENTER, "interposer-enter", work.toString()));
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectInput(input().toFile());
        Map<String, String> begin = builder.environment();
        begin.clear();
        begin.put("PATH", programs.path());
        begin.putAll(ours);
        return builder;
    }

    /** Lets the processes begin, and leaves nothing of what they were told behind. */
    Process begin(ProcessBuilder worker, ProcessBuilder pump, Pipeline pipeline) throws IOException {
        Files.deleteIfExists(input());
        Files.write(refusal(exitFile), new byte[0]);
        try (SeekableByteChannel file = Files.newByteChannel(
                input(),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = StandardCharsets.UTF_8.encode(script());
            while (left.hasRemaining()) {
                file.write(left);
            }
        }
        try {
            return pipeline.start(worker, pump);
        } finally {
            Files.deleteIfExists(input());
        }
    }

    private Path input() {
        return home.resolve("environment");
    }

    /** Some names are a shell's own and can't be set, which must not end it: hence "command". */
    private String script() throws IOException {
        Map<String, String> all = new TreeMap<>(environment);
        all.putAll(ours);
        StringBuilder script = new StringBuilder();
        for (Map.Entry<String, String> variable : all.entrySet()) {
            String name = variable.getKey();
            String value = variable.getValue();
            if (!NAME.matcher(name).matches()) {
                LOG.log(
                        Level.WARNING,
                        "variable ({0}) of {1} is no name for a shell: left out",
                        name,
                        home.getFileName());
                continue;
            }
            if (value.indexOf('\0') >= 0) {
                throw new IOException("variable " + name + " holds a zero byte, which no environment can");
            }
            script.append("command export ")
                    .append(name)
                    .append("='")
                    .append(value.replace("'", "'\\''"))
                    .append("' 2> /dev/null\n");
        }
        return script.toString();
    }

    /** Makes two processes of which the second reads what the first says. */
    interface Pipeline {
        Process start(ProcessBuilder worker, ProcessBuilder pump) throws IOException;
    }
}
