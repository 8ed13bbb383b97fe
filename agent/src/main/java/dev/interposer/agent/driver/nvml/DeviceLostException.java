package dev.interposer.agent.driver.nvml;

import java.io.Serial;

/** A device does not answer any more, whatever it is asked. */
final class DeviceLostException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final int code;

    DeviceLostException(int code) {
        super(Code.words(code));
        this.code = code;
    }

    String words() {
        return Code.words(code);
    }
}
