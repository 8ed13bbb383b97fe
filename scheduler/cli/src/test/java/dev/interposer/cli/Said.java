package dev.interposer.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a command line said, and how it ended. */
record Said(int code, String out, String err) {
    /** By a server, with a token of this file. */
    static Said of(FakeServer server, Path token, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--plaintext", "--server", server.address(), "--token-file", token.toString()));
        return of(all);
    }

    /** By itself. */
    static Said of(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.line(arguments.toArray(String[]::new))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        return new Said(code, out.toString(), err.toString());
    }

    /** Of a table, with a bar between two columns. */
    List<String> rows() {
        return out.lines().map(line -> line.strip().replaceAll(" {2,}", " | ")).toList();
    }
}
