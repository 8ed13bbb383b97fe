package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.fleet.v1.Applied;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ApplyResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Sends manifests, one call a file, and says what became of each object. */
final class ManifestSender {
    private static final int TRIES = 5;

    private ManifestSender() {}

    static int send(Context context, List<Path> files, boolean dryRun, boolean createOnly) {
        try (Client client = context.connect()) {
            for (Path file : files) {
                ApplyResponse response = send(
                        client,
                        ApplyRequest.newBuilder()
                                .setManifest(read(file))
                                .setRequestId(Client.requestId())
                                .setDryRun(dryRun)
                                .setCreateOnly(createOnly)
                                .build());
                if (context.structured()) {
                    context.out().print(Messages.text(response, context.format()));
                } else if (dryRun) {
                    context.out().println(file + " is sound");
                }
                for (Applied object : context.structured() ? List.<Applied>of() : response.getObjectsList()) {
                    context.out().println(line(object, context.format()));
                }
            }
        }
        context.out().flush();
        return 0;
    }

    /** The same request id at each try: whatever became of the first, nothing happens twice. */
    private static ApplyResponse send(Client client, ApplyRequest request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return client.fleet().apply(request);
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || attempt == TRIES) {
                    throw e;
                }
                pause(attempt * 200L);
            }
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(Applied object, Format format) {
        String name =
                object.getNamespace().isEmpty() ? object.getName() : object.getNamespace() + "/" + object.getName();
        String full = object.getKind().toLowerCase(Locale.ROOT) + " " + name;
        String result = object.getResult().name().substring("RESULT_".length()).toLowerCase(Locale.ROOT);
        return format == Format.NAME ? name : full + " " + result;
    }

    private static String read(Path file) {
        try {
            return file.toString().equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(file);
        } catch (IOException e) {
            throw new CliException(CliException.USAGE, "file " + file + " can't be read: " + e.getMessage());
        }
    }
}
