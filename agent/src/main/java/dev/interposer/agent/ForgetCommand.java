package dev.interposer.agent;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.watch.DeviceMemory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Tells the agent of this machine, which need not run, that what lasts on a device is mended. */
final class ForgetCommand {
    private static final int DONE = 0;
    private static final int BAD_OPTIONS = 2;

    private ForgetCommand() {}

    /** The exit code; {@code arguments} are {@code forget DEVICE --state-dir FOLDER}. */
    static int run(String[] arguments, PrintStream out, PrintStream errors) {
        if (arguments.length != 4 || !arguments[2].equals("--state-dir") || arguments[1].isBlank()) {
            errors.println("interposer-agent: forget needs a device and --state-dir\n" + AgentOptions.USAGE);
            return BAD_OPTIONS;
        }
        String device = arguments[1];
        try {
            List<Path> nodes = DeviceMemory.askToForget(Path.of(arguments[3]), device);
            if (nodes.isEmpty()) {
                errors.println("interposer-agent: no node in --state-dir (" + arguments[3] + ") has device (" + device
                        + "). Maybe the agent has another folder?");
                return BAD_OPTIONS;
            }
            nodes.forEach(node -> out.println(node.getFileName() + " forgets what lasted on " + device
                    + " within seconds, or when its agent starts"));
            return DONE;
        } catch (IOException | IllegalArgumentException e) {
            errors.println("interposer-agent: --state-dir (" + arguments[3] + ") can't be read or written: " + e);
            return BAD_OPTIONS;
        }
    }
}
