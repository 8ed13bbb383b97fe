package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Failures;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.Progress;
import dev.interposer.proto.fleet.v1.Applied;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ApplyResponse;
import dev.interposer.resources.Manifests;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Sends manifests, one call a file, and says what became of each object. */
final class ManifestSender {
    private ManifestSender() {}

    static int send(Context context, List<Path> files, boolean dryRun, boolean createOnly) {
        try (Client client = context.connectQuietly();
                Progress progress = Progress.of("of " + files.size() + " files", files.size())) {
            for (int sent = 0; sent < files.size(); sent++) {
                Path file = files.get(sent);
                ApplyRequest request = ApplyRequest.newBuilder()
                        .setManifest(bounded(file, read(file)))
                        .setRequestId(Client.requestId())
                        .setDryRun(dryRun)
                        .setCreateOnly(createOnly)
                        .build();
                ApplyResponse response = apply(client, file, request);
                boolean alone = files.size() == 1;
                progress.above(() -> {
                    if (context.structured()) {
                        context.out()
                                .print(
                                        alone
                                                ? Messages.text(response, context.format())
                                                : Messages.oneOfMany(response, context.format()));
                        context.out().flush();
                    } else {
                        print(context, file, request, response);
                    }
                });
                progress.at(sent + 1);
            }
        }
        return 0;
    }

    private static ApplyResponse apply(Client client, Path file, ApplyRequest request) {
        try {
            return Client.untilAnswered(() -> client.fleet().apply(request));
        } catch (StatusRuntimeException e) {
            // Of several files those before it are in.
            throw new CliException(Failures.exitCode(e), name(file) + ": " + Failures.words(e));
        }
    }

    private static void print(Context context, Path file, ApplyRequest request, ApplyResponse response) {
        if (context.format() == Format.NAME) {
            response.getDryRunsList().forEach(job -> context.out().println(job.getNamespace() + "/" + job.getName()));
        } else if (request.getDryRun()) {
            context.out().println(name(file) + " is sound");
            response.getDryRunsList().forEach(job -> DryRunText.lines(job).forEach(context.out()::println));
        }
        for (Applied object : response.getObjectsList()) {
            context.out().println(line(object, context.format()));
        }
        context.out().flush();
    }

    private static String line(Applied object, Format format) {
        String name =
                object.getNamespace().isEmpty() ? object.getName() : object.getNamespace() + "/" + object.getName();
        String full = object.getKind().toLowerCase(Locale.ROOT) + " " + name;
        String result = object.getResult().name().substring("RESULT_".length()).toLowerCase(Locale.ROOT);
        return format == Format.NAME ? name : full + " " + result;
    }

    /** The server would cut the call off, and its library says so in words of its own. */
    private static String bounded(Path file, String text) {
        if (text.length() > Manifests.MOST_CHARACTERS) {
            throw new CliException(
                    CliException.REFUSED,
                    "manifest " + name(file) + " (" + text.length() + " characters) is longer than "
                            + Manifests.MOST_CHARACTERS + ". Maybe split it?");
        }
        return text;
    }

    /** Java's message is the name of the file once more. */
    private static String cause(IOException error) {
        return switch (error) {
            case NoSuchFileException missing -> "there is no such file";
            case AccessDeniedException denied -> "permission denied";
            case MalformedInputException binary -> "it is not text in UTF-8";
            default -> error.getClass().getSimpleName() + ": " + error.getMessage();
        };
    }

    private static String name(Path file) {
        return file.toString().equals("-") ? "standard input" : file.toString();
    }

    private static String read(Path file) {
        try {
            return file.toString().equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(file);
        } catch (IOException e) {
            throw new CliException(CliException.USAGE, name(file) + " can't be read: " + cause(e));
        }
    }
}
