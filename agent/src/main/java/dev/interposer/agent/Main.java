package dev.interposer.agent;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.driver.plugin.PluginCheck;
import dev.interposer.agent.driver.plugin.PluginConfig;
import dev.interposer.agent.link.AgentDaemon;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The agent's process; with {@code devices} as its first argument it lists those of this machine instead, with
 * {@code plugin-check} it asks a plugin, with {@code forget} it tells the agent that a device is mended, with
 * {@code practice} it makes a cache for the JVM. Exit codes: 0 told to end, 1 a plugin breaks its contract or the cache
 * was not made, 2 bad options or files, 3 a file such as the journal can't be read or written, or is in use, or memory
 * is out, or the virtual machine fails, 4 a driver does not work.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length > 0 && arguments[0].equals("devices")) {
            System.exit(DevicesCommand.run(arguments, System.out, System.err));
            return;
        }
        if (arguments.length > 0 && arguments[0].equals("forget")) {
            System.exit(ForgetCommand.run(arguments, System.out, System.err));
            return;
        }
        if (arguments.length > 0 && arguments[0].equals("plugin-check")) {
            System.exit(checkPlugin(arguments));
            return;
        }
        if (arguments.length > 0 && arguments[0].equals("practice")) {
            System.exit(Practice.run(arguments));
            return;
        }
        AgentDaemon daemon;
        try {
            daemon = AgentDaemon.start(AgentOptions.parse(arguments));
        } catch (ConfigException e) {
            exit(2, e);
            return;
        } catch (IOException e) {
            exit(3, e);
            return;
        }
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            daemon.close();
            ended.countDown();
        }));
        ended.await();
    }

    private static void exit(int code, Exception e) {
        System.err.println("interposer-agent: " + e.getMessage());
        System.exit(code);
    }

    private static int checkPlugin(String[] arguments) throws InterruptedException {
        if (arguments.length != 2) {
            System.err.println(
                    "interposer-agent: plugin-check needs the path of one unix socket\n" + AgentOptions.USAGE);
            return 2;
        }
        return PluginCheck.run(PluginConfig.of(Path.of(arguments[1])), System.out) == 0 ? 0 : 1;
    }
}
