package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.ServerOptions;
import dev.interposer.cli.output.Format;
import java.io.PrintWriter;
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
            defaultValue = "default",
            description = "Namespace; default: ${DEFAULT-VALUE}.")
    private String namespace;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            description = "table, wide, json, yaml or name; default: ${DEFAULT-VALUE}.")
    private Format format;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    public Client connect() {
        return server.connect();
    }

    public String namespace() {
        return namespace;
    }

    public Format format() {
        return format;
    }

    public boolean structured() {
        return format == Format.JSON || format == Format.YAML;
    }

    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    public PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
