package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.proto.fleet.v1.DumpHead;
import dev.interposer.proto.fleet.v1.DumpPart;
import dev.interposer.proto.fleet.v1.DumpRequest;
import dev.interposer.simulation.redecide.Redecision;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A file of a live server's state: its parts one after another, each with its length in front. */
final class StateDump {
    /**
     * What taking the decisions again gave.
     *
     * @param digest of the live state, as the server said
     */
    record Loaded(DumpHead head, Redecision redecision, String digest) {
        boolean sameState() {
            return redecision.digest().equals(digest);
        }

        boolean same() {
            return sameState() && redecision.differences().isEmpty();
        }
    }

    private StateDump() {}

    /** Writes the file; returns its size in bytes. */
    static long write(Client client, Path file) {
        try {
            Iterator<DumpPart> parts = client.inspection().dump(DumpRequest.getDefaultInstance());
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
                while (parts.hasNext()) {
                    parts.next().writeDelimitedTo(out);
                }
            }
            return Files.size(file);
        } catch (IOException e) {
            throw new CliException(CliException.USAGE, "--dump (" + file + ") can't be written: " + e.getMessage());
        }
    }

    /** Of a file to be loaded; 0 for one that can't be read, of which {@link #load} says why. */
    static long bytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    /** @param read told how many bytes of it */
    static Loaded load(Path file, LongConsumer read) {
        DumpHead head = null;
        Redecision redecision = new Redecision();
        try (SeekableByteChannel channel = Files.newByteChannel(file);
                InputStream in = new BufferedInputStream(Channels.newInputStream(channel))) {
            for (DumpPart part = next(in); part != null; part = next(in)) {
                read.accept(channel.position());
                switch (part.getPartCase()) {
                    case HEAD -> head = part.getHead();
                    case SNAPSHOT_CHUNK ->
                        redecision.snapshot(part.getSnapshotChunk().toByteArray());
                    case PAGE -> redecision.page(part.getPage().toByteArray());
                    case END -> {
                        if (head != null) {
                            return new Loaded(head, redecision, part.getEnd().getDigest());
                        }
                    }
                    case PART_NOT_SET -> throw new IOException("a part of a kind that this version does not know");
                }
            }
        } catch (IOException | IllegalStateException e) {
            throw new CliException(CliException.USAGE, "--load (" + file + ") can't be read: " + e.getMessage());
        }
        throw new CliException(CliException.USAGE, "--load (" + file + ") is cut short: its end is missing");
    }

    private static @Nullable DumpPart next(InputStream in) throws IOException {
        return DumpPart.parseDelimitedFrom(in);
    }
}
