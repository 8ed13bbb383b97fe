package dev.interposer.cli.command;

import com.google.protobuf.MessageOrBuilder;
import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.ServerOptions;
import dev.interposer.cli.output.Colours;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.Page;
import dev.interposer.cli.output.Terminal;
import dev.interposer.proto.job.v1.JobReference;
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
            completionCandidates = Format.Words.class,
            description = "table, wide, json, yaml or name; default: ${DEFAULT-VALUE}.")
    private Format format;

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            defaultValue = "auto",
            completionCandidates = Colours.When.Words.class,
            description = "auto, always or never: states in colour; auto means on a terminal without NO_COLOR.")
    private Colours.When colour;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** For calls that end: what takes long is shown. */
    public Client connect() {
        return Terminal.showsProgress() ? server.connect(new ShownCalls()) : server.connect();
    }

    /** For a verb that goes on, or that shows by itself how far it is. */
    Client connectQuietly() {
        return server.connect();
    }

    /** A job as it was typed. */
    JobReference job(String text) {
        return Client.job(text, namespace);
    }

    /** By which {@code -o name} knows a job that was typed. */
    String jobName(String text) {
        JobReference job = job(text);
        return job.getName().isEmpty() ? text : job.getNamespace() + "/" + job.getName();
    }

    /** For a list: empty for all, so that a newcomer sees what is there. */
    public String listedNamespace() {
        return namespace == null ? "" : namespace;
    }

    /** An answer as the caller wants it: the message, the name of what it is about, or a line for people. */
    public void say(MessageOrBuilder message, String name, String line) {
        if (structured()) {
            out().print(Messages.text(message, format));
        } else {
            out().println(format == Format.NAME ? name : line);
        }
        out().flush();
    }

    /** As {@link #say}, of several answers. */
    void sayOneOfMany(MessageOrBuilder message, String name, String line) {
        if (structured()) {
            out().print(Messages.oneOfMany(message, format));
            out().flush();
        } else {
            say(message, name, line);
        }
    }

    /** Ends a verb that was asked for names and has none. */
    void refuseNames(String verb) {
        if (format == Format.NAME) {
            throw new CliException(
                    CliException.USAGE,
                    "--output (name) does not go with " + verb + ", which is about nothing with a name. Maybe table,"
                            + " json or yaml?");
        }
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
