package dev.interposer.agent;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.link.AgentDaemon;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * The agent's process; with {@code devices} as its first argument it lists those of this machine instead. Exit codes:
 * 0 told to end, 2 bad options or files, 3 the journal can't be written, 4 a driver does not work.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length > 0 && arguments[0].equals("devices")) {
            System.exit(DevicesCommand.run(arguments, System.out, System.err));
            return;
        }
        AgentDaemon daemon;
        try {
            daemon = AgentDaemon.start(AgentOptions.parse(arguments));
        } catch (ConfigException | IOException e) {
            System.err.println("interposer-agent: " + e.getMessage());
            System.exit(2);
            return;
        }
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            daemon.close();
            ended.countDown();
        }));
        ended.await();
    }
}
