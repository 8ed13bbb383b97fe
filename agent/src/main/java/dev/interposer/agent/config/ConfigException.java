package dev.interposer.agent.config;

import java.io.Serial;

/** The agent was told something that it can't do; the message is for whoever told it. */
public final class ConfigException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    public ConfigException(String message) {
        super(message);
    }
}
