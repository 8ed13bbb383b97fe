package dev.interposer.cli.output;

/** What the launcher says of the streams: Java knows only whether input and output both are a terminal. */
public final class Terminal {
    private Terminal() {}

    /** Of standard output. */
    public static Colours colours(Colours.When when) {
        return Colours.of(when, System.getenv(), says("INTERPOSER_TERMINAL"));
    }

    /** Whether a person sees standard error. */
    public static boolean showsProgress() {
        return says("INTERPOSER_PROGRESS");
    }

    private static boolean says(String variable) {
        String said = System.getenv(variable);
        return said != null && !said.isEmpty();
    }
}
