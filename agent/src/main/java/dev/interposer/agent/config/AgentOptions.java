package dev.interposer.agent.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The command line of the agent.
 *
 * @param servers {@code host:port} of each scheduler, tried in turn
 * @param tokenFile holds the token of role agent; null for an agent that joins
 * @param stateFolder journals and logs; kept between starts
 * @param nodesFile the nodes that this agent speaks for
 * @param healthPolicyFile what follows from which signal of a device; null for the standard table
 * @param stopWorkersOnExit end the workers with the agent; else the next agent adopts them
 * @param unsyncedJournals journals survive this process and not this machine; for simulated fleets
 * @param join with what an agent without such a token joins
 * @param trust which servers are spoken to, with a token file; who joins believes those of the join token
 * @param workers how workers that are processes are run
 * @param retention of what ended workers left
 * @param metricsListen where metrics are served; null for nowhere: several agents may be on one machine, and what
 *     nobody asked for must not open a port
 */
public record AgentOptions(
        List<String> servers,
        @Nullable Path tokenFile,
        Path stateFolder,
        Path nodesFile,
        @Nullable Path healthPolicyFile,
        boolean stopWorkersOnExit,
        boolean unsyncedJournals,
        JoinOptions join,
        TrustOptions trust,
        WorkerOptions workers,
        Retention retention,
        @Nullable InetSocketAddress metricsListen) {
    private static final Pattern ADDRESS = Pattern.compile("(?:[^:]+|\\[[0-9a-fA-F:]+]):[0-9]{1,5}");
    private static final int MOST_PORT = 65_535;

    public static final String USAGE = """
            usage: interposer-agent --server HOST:PORT[,HOST:PORT…] --state-dir FOLDER --nodes FILE
                                    [--join-file FILE | --join TOKEN | --token-file FILE]
                                    [--health-policy FILE] [--stop-workers-on-exit] [--unsynced-journals]
                                    [--keep-workers DURATION] [--keep-worker-folders COUNT]
                                    [--metrics-listen HOST:PORT]
                                    [--worker-user USER] [--root-workers] [--cgroup FOLDER|none]
                                    [--ca-file FILE | --ca-pin sha256:DIGITS | --plaintext]
                                    [--worker-processes COUNT] [--log-file-size SIZE] [--log-files COUNT]
                   interposer-agent devices [--nvml-library NAME] [--profile FILE] [--plugin SOCKET]
                   interposer-agent forget DEVICE --state-dir FOLDER
                   interposer-agent plugin-check SOCKET

              --server                schedulers, tried in turn
              --token-file            file with a token of role agent, in place of joining
              --state-dir             folder for journals and logs, kept between starts
              --nodes                 YAML file with the nodes that this agent speaks for
              --health-policy         YAML table of what follows from which signal of a device
              --stop-workers-on-exit  end the workers when the agent ends; else the next agent adopts them
              --unsynced-journals     write journals without waiting for the disk; only if all nodes are simulated
              --keep-workers          how long logs and folders of ended workers stay, such as 24h (the default)
              --keep-worker-folders   so many of them stay on a node, the newest; 1000 if absent
              --metrics-listen        serve /metrics and /healthz there, such as 127.0.0.1:9401; nowhere if absent
              devices                 lists the devices of this machine that drivers find, and ends
              forget                  tell the agent that a device is mended of what lasts until the machine restarts,
                                      or that one which is gone and that no worker has will not come back
              plugin-check            say what the plugin that serves the unix socket does against driver.v1
            """ + JoinOptions.USAGE + TrustOptions.USAGE + WorkerOptions.USAGE;

    public AgentOptions {
        servers = List.copyOf(servers);
    }

    public static AgentOptions parse(String[] arguments) throws ConfigException {
        List<String> servers = new ArrayList<>();
        String token = "";
        String state = "";
        String nodes = "";
        Path policy = null;
        boolean stop = false;
        boolean unsynced = false;
        Retention retention = Retention.DEFAULT;
        InetSocketAddress metrics = null;
        JoinOptions join = JoinOptions.DEFAULT;
        TrustOptions trust = TrustOptions.DEFAULT;
        WorkerOptions workers = WorkerOptions.DEFAULT;
        for (int at = 0; at < arguments.length; at++) {
            switch (arguments[at]) {
                case "--server" -> servers.addAll(List.of(value(arguments, ++at).split(",", -1)));
                case "--token-file" -> token = value(arguments, ++at);
                case "--join" -> join = join.with(value(arguments, ++at));
                case "--join-file" -> join = join.with(Path.of(value(arguments, ++at)));
                case "--state-dir" -> state = value(arguments, ++at);
                case "--nodes" -> nodes = value(arguments, ++at);
                case "--health-policy" -> policy = Path.of(value(arguments, ++at));
                case "--keep-workers" -> retention = retention.forSo(value(arguments, ++at));
                case "--keep-worker-folders" -> retention = retention.soMany(value(arguments, ++at));
                case "--metrics-listen" -> metrics = listen(value(arguments, ++at));
                case "--ca-file" -> trust = trust.with(Path.of(value(arguments, ++at)));
                case "--ca-pin" -> trust = trust.withPin(value(arguments, ++at));
                case "--plaintext" -> trust = trust.withPlaintext();
                case "--stop-workers-on-exit" -> stop = true;
                case "--unsynced-journals" -> unsynced = true;
                case "--root-workers" -> workers = workers.withRootWorkers();
                default -> {
                    if (!WorkerOptions.NAMES.contains(arguments[at])) {
                        throw new ConfigException("unknown option " + arguments[at] + "\n" + USAGE);
                    }
                    workers = workers.with(arguments[at], value(arguments, ++at));
                }
            }
        }
        if (servers.isEmpty() || state.isEmpty() || nodes.isEmpty()) {
            throw new ConfigException("an option is missing\n" + USAGE);
        }
        requireAddresses(servers);
        requireOneWay(token, join, trust);
        return new AgentOptions(
                servers,
                token.isEmpty() ? null : Path.of(token),
                Path.of(state),
                Path.of(nodes),
                policy,
                stop,
                unsynced,
                join,
                trust,
                workers,
                retention,
                metrics);
    }

    private static void requireAddresses(List<String> servers) throws ConfigException {
        for (String server : servers) {
            if (!ADDRESS.matcher(server).matches()) {
                throw new ConfigException("--server (" + server + ") must be HOST:PORT");
            }
        }
    }

    private static void requireOneWay(String token, JoinOptions join, TrustOptions trust) throws ConfigException {
        if (!token.isEmpty() && join.given()) {
            throw new ConfigException(
                    "--token-file (" + token + ") and " + join + " are two ways in. Maybe the join token alone?");
        }
        if (token.isEmpty() && !trust.equals(TrustOptions.DEFAULT)) {
            throw new ConfigException("--ca-file, --ca-pin and --plaintext go with --token-file: an agent that joins"
                    + " believes the schedulers of its join token. Maybe leave them out?");
        }
    }

    private static InetSocketAddress listen(String said) throws ConfigException {
        int colon = said.lastIndexOf(':');
        int port = ADDRESS.matcher(said).matches() ? Integer.parseInt(said.substring(colon + 1)) : -1;
        if (port < 0 || port > MOST_PORT) {
            throw new ConfigException("--metrics-listen (" + said + ") must be HOST:PORT, such as 127.0.0.1:9401");
        }
        InetSocketAddress address = new InetSocketAddress(said.substring(0, colon), port);
        if (address.isUnresolved()) {
            throw new ConfigException("--metrics-listen (" + said + ") names a host that nobody knows here");
        }
        return address;
    }

    private static String value(String[] arguments, int at) throws ConfigException {
        if (at >= arguments.length) {
            throw new ConfigException("option " + arguments[at - 1] + " needs a value\n" + USAGE);
        }
        return arguments[at];
    }
}
