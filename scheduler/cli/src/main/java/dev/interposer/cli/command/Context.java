package dev.interposer.cli.command;

import com.google.protobuf.MessageOrBuilder;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.ServerOptions;
import dev.interposer.cli.output.Colours;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.Page;
import dev.interposer.cli.output.Terminal;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that the verbs share. */
public final class Context {
    @Mixin
    private ServerOptions server;

    @Option(
            names = {"-n", "--namespace"},
            description = "Namespace; default: default, and for lists all.")
    private @Nullable String namespace;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            description = "table, wide, json, yaml or name; default: ${DEFAULT-VALUE}.")
    private Format format;

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "auto, always or never: states in colour; auto means on a terminal without NO_COLOR.")
    private Colours.When colour;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    public Client connect() {
        return server.connect();
    }

    /** For a job that is named. */
    public String namespace() {
        return namespace == null ? "default" : namespace;
    }

    /** For a list: empty for all, so that a newcomer sees what is there. */
    public String listedNamespace() {
        return namespace == null ? "" : namespace;
    }

    /** An answer as the caller wants it: the message, or a line for people. */
    public void say(MessageOrBuilder message, String line) {
        if (structured()) {
            out().print(Messages.text(message, format));
        } else {
            out().println(line);
        }
        out().flush();
    }

    public Format format() {
        return format;
    }

    public boolean structured() {
        return format == Format.JSON || format == Format.YAML;
    }

    /** Where tables and descriptions go. */
    Page page() {
        return new Page(out(), Terminal.colours(colour), format == Format.WIDE);
    }

    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    public PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
