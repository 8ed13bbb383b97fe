package dev.interposer.agent.runtime;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.WorkerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** As whom workers run, when that is not the agent itself. */
public final class WorkerUser {
    private static final Path SELF = Path.of("/proc/self");

    private final String name;
    private final int uid;
    private final int gid;
    /** Whether the system knows the user by name, and so its further groups. */
    private final boolean named;

    private WorkerUser(String name, int uid, int gid, boolean named) {
        this.name = name;
        this.uid = uid;
        this.gid = gid;
        this.named = named;
    }

    /** Null for the agent's own user. */
    public static @Nullable WorkerUser of(WorkerOptions options) throws ConfigException {
        return of(options, agentUid());
    }

    static @Nullable WorkerUser of(WorkerOptions options, int agentUid) throws ConfigException {
        String said = options.user();
        if (said.isEmpty()) {
            if (agentUid == 0 && !options.rootWorkers()) {
                throw new ConfigException("the agent runs as root, and so would its workers. "
                        + "Maybe --worker-user NAME? --root-workers lets them");
            }
            return null;
        }
        boolean number = said.matches("\\d{1,9}");
        String uid = number ? said : asked("-u", said);
        String gid = number ? said : asked("-g", said);
        if (!uid.matches("\\d{1,9}") || !gid.matches("\\d{1,9}")) {
            throw new ConfigException("--worker-user (" + said + ") is not known here. Maybe a number?");
        }
        WorkerUser user = new WorkerUser(said, Integer.parseInt(uid), Integer.parseInt(gid), !number);
        if (user.uid == 0 && !options.rootWorkers()) {
            throw new ConfigException("--worker-user (" + said + ") is root. Maybe another? --root-workers lets it");
        }
        if (user.uid == agentUid) {
            return null;
        }
        if (agentUid != 0) {
            throw new ConfigException(
                    "--worker-user (" + said + ") is another than the agent's own, which only root may choose");
        }
        return user;
    }

    /** How {@code setpriv} runs a command as the user, without a way back. */
    List<String> options() {
        return List.of(
                "--reuid=" + uid, "--regid=" + gid, named ? "--init-groups" : "--clear-groups", "--no-new-privs", "--");
    }

    /** In place of the agent's own. */
    void enter(Map<String, String> environment, Path home) {
        environment.put("HOME", home.toString());
        environment.put("USER", name);
        environment.put("LOGNAME", name);
    }

    /** Makes a folder the user's. */
    void own(Path folder) throws IOException {
        Files.setAttribute(folder, "unix:uid", uid);
        Files.setAttribute(folder, "unix:gid", gid);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /** Lets everybody pass through a folder of the agent's, without seeing what else is there. */
    static void letThrough(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }

    private static int agentUid() throws ConfigException {
        try {
            return (Integer) Files.getAttribute(SELF, "unix:uid");
        } catch (IOException e) {
            throw new ConfigException("who the agent runs as can't be told from " + SELF + ": " + e.getMessage());
        }
    }

    private static String asked(String what, String user) throws ConfigException {
        try {
            Process id = new ProcessBuilder("id", what, "--", user)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(id.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return id.waitFor() == 0 ? said : "";
        } catch (IOException e) {
            throw new ConfigException("--worker-user (" + user + ") can't be looked up: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
