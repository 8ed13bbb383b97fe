package dev.interposer.agent.link;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.TrustOptions;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.stream.Stream;

/** Whether a scheduler is believed, and nothing of the token is sent to one that is not. */
final class Trust {
    private Trust() {}

    /** For a scheduler at {@code host:port}. */
    static ChannelCredentials in(String server, TrustOptions options) throws ConfigException {
        Path file = options.caFile();
        String pin = options.caPin();
        if (file != null && pin != null) {
            throw new ConfigException("--ca-file (" + file + ") and --ca-pin (sha256:" + pin + ") both say whom to"
                    + " trust. Maybe the file alone?");
        }
        if (pin != null) {
            return TlsChannelCredentials.newBuilder()
                    .trustManager(new PinnedTrust(pin))
                    .build();
        }
        if (file != null) {
            return signedBy(file);
        }
        if (!options.plaintext() && !isThisMachine(server)) {
            throw new ConfigException("--server (" + server + ") is another machine, and without --ca-file or --ca-pin"
                    + " the token would travel in the clear. Maybe --ca-file with the ca.pem of the server's"
                    + " home folder?");
        }
        return InsecureChannelCredentials.create();
    }

    private static ChannelCredentials signedBy(Path file) throws ConfigException {
        try (InputStream in = Files.newInputStream(file)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw new ConfigException("--ca-file (" + file + ") holds no certificate");
            }
            return TlsChannelCredentials.newBuilder()
                    .trustManager(file.toFile())
                    .build();
        } catch (IOException | CertificateException e) {
            throw new ConfigException("--ca-file (" + file + ") must be certificates as PEM: " + e);
        }
    }

    /** A name that nobody knows now may be anybody's later. */
    private static boolean isThisMachine(String server) {
        String host = server.substring(0, server.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
        try {
            return Stream.of(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
