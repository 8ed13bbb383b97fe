package dev.interposer.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    /** It could name the window, or answer in the operator's place. */
    @Test
    void whatWouldCommandATerminalIsShown() {
        assertThat(Printable.lines("\u001b]0;mine\u0007 ok\tä\u009b2J"))
                .containsExactly("\\x1b]0;mine\\x07 ok\tä\\x9b2J");
    }

    @Test
    void ofALineThatWasWrittenOverItsEndIsShown() {
        assertThat(Printable.lines("1 %\r2 %\r100 %\r\nfailed\r\n\n")).containsExactly("100 %", "failed");
    }
}
