package dev.interposer.agent.identity;

import dev.interposer.agent.config.ConfigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where an agent keeps who it is, between its starts: {@code identity.pem}, and {@code joining.pem} while it asks for
 * the first time. Both are readable by their owner alone, and there whole or not at all.
 */
public final class IdentityFolder {
    private static final Pattern TOKEN = Pattern.compile("(?m)^joined with ([0-9a-z]+)$");

    private final Path folder;
    private final Path identity;
    private final Path joining;

    public IdentityFolder(Path folder) {
        this.folder = folder;
        this.identity = folder.resolve("identity.pem");
        this.joining = folder.resolve("joining.pem");
    }

    public Path file() {
        return identity;
    }

    /** Null when the agent never joined. */
    public @Nullable Identity read() throws ConfigException {
        if (!Files.exists(identity)) {
            return null;
        }
        try {
            String text = Files.readString(identity);
            List<X509Certificate> certificates = Pem.certificates(text);
            if (certificates.size() < 2) {
                throw new ConfigException(unreadable("it holds no authority"));
            }
            Matcher token = TOKEN.matcher(text);
            return new Identity(
                    Pem.privateKey(text),
                    certificates.getFirst(),
                    certificates.subList(1, certificates.size()),
                    token.find() ? token.group(1) : "");
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigException(unreadable(String.valueOf(e.getMessage())));
        }
    }

    private String unreadable(String why) {
        return "identity " + identity + " can't be read: " + why + ". Maybe remove it and join again with a new token?";
    }

    public void write(Identity held) throws IOException {
        try {
            replace(
                    identity,
                    "joined with " + held.tokenId() + "\n" + Pem.write(held.key())
                            + Pem.write(List.of(held.certificate())) + Pem.write(held.authorities()));
            Files.deleteIfExists(joining);
        } catch (GeneralSecurityException e) {
            throw new IOException("the identity can't be written: " + e.getMessage(), e);
        }
    }

    /**
     * The pair to join with. It is the same until that has worked: to whom the answer got lost the server gives it
     * again, and no further use of the token.
     */
    public KeyPair joiningPair() throws IOException, GeneralSecurityException {
        if (Files.exists(joining)) {
            String text = Files.readString(joining);
            return new KeyPair(Pem.publicKey(text), Pem.privateKey(text));
        }
        KeyPair pair = Keys.make();
        replace(joining, Pem.write(pair.getPrivate()) + Pem.write(pair.getPublic()));
        return pair;
    }

    private void replace(Path file, String text) throws IOException {
        Files.createDirectories(folder);
        Path written = folder.resolve(file.getFileName() + ".new");
        Files.deleteIfExists(written);
        try (FileChannel channel = FileChannel.open(
                written,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer content = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (content.hasRemaining()) {
                channel.write(content);
            }
            channel.force(true);
        }
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel entries = FileChannel.open(folder)) {
            entries.force(true);
        }
    }
}
