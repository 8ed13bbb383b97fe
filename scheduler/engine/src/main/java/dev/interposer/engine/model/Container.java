package dev.interposer.engine.model;

import java.util.List;
import java.util.Map;

/**
 * What a worker runs.
 *
 * @param name the container that gets the devices
 * @param image image reference; ignored by a process runtime
 * @param command the program and its first arguments
 * @param args further arguments
 * @param env environment variables
 * @param workingDir empty for the runtime's default
 * @param templateJson the whole merged pod template in JSON; empty when it says no more than this record
 */
public record Container(
        String name,
        String image,
        List<String> command,
        List<String> args,
        Map<String, String> env,
        String workingDir,
        String templateJson) {
    public Container {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = SortedCopy.of(env);
    }

    public static Container of(String image, String... command) {
        return new Container("main", image, List.of(command), List.of(), Map.of(), "", "");
    }
}
