package dev.interposer.agent.config;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * How workers that are processes are run.
 *
 * @param logFileBytes no file of a worker's log becomes larger
 * @param logFiles so many files of it are kept
 * @param user name or number of whom they run as; empty for the agent's own
 * @param rootWorkers whether they may run as root
 * @param cgroup {@value #DETECT}, {@value #NONE}, or the folder below which they get cgroups
 * @param mostProcesses of one worker, threads included, where cgroups bound them
 */
public record WorkerOptions(
        long logFileBytes, int logFiles, String user, boolean rootWorkers, String cgroup, long mostProcesses) {
    public static final String DETECT = "detect";
    public static final String NONE = "none";

    private static final long LEAST_LOG_FILE_BYTES = 4096;
    private static final int MOST_LOG_FILES = 1000;
    private static final int LEAST_PROCESSES = 16;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    /** 128 MiB of log for each worker. */
    public static final WorkerOptions DEFAULT = new WorkerOptions(32 << 20, 4, "", false, DETECT, 32_768);

    static final String USAGE = """
              --log-file-size         most of one file of a worker's log, such as 32Mi (the default)
              --log-files             files of a worker's log that are kept, 2 to 1000; 4 if absent
              --worker-user           whom workers run as, by name or number; needed if the agent runs as root
              --root-workers          let workers run as root
              --cgroup                folder of a cgroup2 tree below which workers are bounded; detect (the default)
                                      for the agent's own group if that was delegated to it; none for no bounds
              --worker-processes      most processes and threads of one worker; 32768 if absent
            """;

    /** Options that take a value. */
    static final Set<String> NAMES =
            Set.of("--log-file-size", "--log-files", "--worker-user", "--cgroup", "--worker-processes");

    /** The same with one of {@link #NAMES}. */
    WorkerOptions with(String option, String value) throws ConfigException {
        return switch (option) {
            case "--log-file-size" ->
                new WorkerOptions(fileBytes(value), logFiles, user, rootWorkers, cgroup, mostProcesses);
            case "--log-files" ->
                new WorkerOptions(
                        logFileBytes,
                        number(option, value, 2, MOST_LOG_FILES),
                        user,
                        rootWorkers,
                        cgroup,
                        mostProcesses);
            case "--worker-user" ->
                new WorkerOptions(logFileBytes, logFiles, value, rootWorkers, cgroup, mostProcesses);
            case "--cgroup" -> new WorkerOptions(logFileBytes, logFiles, user, rootWorkers, value, mostProcesses);
            case "--worker-processes" ->
                new WorkerOptions(
                        logFileBytes,
                        logFiles,
                        user,
                        rootWorkers,
                        cgroup,
                        number(option, value, LEAST_PROCESSES, Integer.MAX_VALUE));
            default -> throw new IllegalArgumentException(option);
        };
    }

    WorkerOptions withRootWorkers() {
        return new WorkerOptions(logFileBytes, logFiles, user, true, cgroup, mostProcesses);
    }

    private static long fileBytes(String said) throws ConfigException {
        long bytes = Quantity.parse("--log-file-size", said);
        if (bytes < LEAST_LOG_FILE_BYTES || said.endsWith("m")) {
            throw new ConfigException("--log-file-size (" + said + ") must be at least 4Ki. Maybe 32Mi?");
        }
        return bytes;
    }

    static int number(String option, String said, int least, int most) throws ConfigException {
        int number = NUMBER.matcher(said).matches() ? Integer.parseInt(said) : -1;
        if (number < least || number > most) {
            throw new ConfigException(option + " (" + said + ") must be between " + least + " and " + most);
        }
        return number;
    }
}
