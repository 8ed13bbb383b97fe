package dev.interposer.agent.runtime;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Brings a signal by which a worker is asked to end to all of its process group at once, which this language can't. */
interface Messenger {
    /** Throws with a reason if it was not brought. */
    void bring(PoliteSignal signal, long group) throws IOException, InterruptedException;

    /** By the shell's own word, since the program of that name is not on every machine. */
    static Messenger shell(Programs programs) {
        return (signal, group) -> {
            ProcessBuilder command = new ProcessBuilder(
                            programs.find("sh"), "-c", "kill -s " + signal + " -- -" + group)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            command.environment().clear();
            Process sent = command.start();
            if (!sent.waitFor(10, TimeUnit.SECONDS)) {
                sent.destroyForcibly();
                throw new IOException("the shell that brings it hangs");
            }
            if (sent.exitValue() != 0) {
                throw new IOException("the shell that brings it ended with code " + sent.exitValue());
            }
        };
    }
}
