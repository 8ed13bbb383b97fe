package dev.interposer.agent.journal;

/** A line that no agent wrote so; the message says what is wrong with it and quotes nothing of a job's. */
final class DamagedLineException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedLineException(String message) {
        super(message);
    }
}
