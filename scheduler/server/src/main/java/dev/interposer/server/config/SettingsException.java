package dev.interposer.server.config;

/** A setting with which no server starts; the message names it, its value and what to do. */
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1;

    public SettingsException(String message) {
        super(message);
    }
}
