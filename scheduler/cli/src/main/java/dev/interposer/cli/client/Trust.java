package dev.interposer.cli.client;

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

/** Whether a server is believed, and nothing of the token is sent to one that is not. */
public final class Trust {
    private static final String CA_FILE = "ca.pem";

    private Trust() {}

    /** Where the server of a home says whom to trust; it speaks plaintext when there is no such file. */
    public static Path caFile(Path home) {
        return home.resolve(CA_FILE);
    }

    /** Signed by an authority of the file. */
    public static ChannelCredentials signedBy(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw new CliException(CliException.USAGE, "--ca-file (" + file + ") holds no certificate");
            }
            return TlsChannelCredentials.newBuilder()
                    .trustManager(file.toFile())
                    .build();
        } catch (IOException | CertificateException e) {
            throw new CliException(CliException.USAGE, "--ca-file (" + file + ") must be certificates as PEM: " + e);
        }
    }

    /** As the server of a home speaks on this machine. */
    public static ChannelCredentials ofHome(Path home) {
        return Files.exists(caFile(home)) ? signedBy(caFile(home)) : InsecureChannelCredentials.create();
    }

    /** For a server on this machine, at {@code host:port}; another one would get the token in the clear. */
    public static ChannelCredentials plaintextHere(String server) {
        if (isThisMachine(server)) {
            return InsecureChannelCredentials.create();
        }
        throw new CliException(
                CliException.USAGE,
                "server " + server + " is another machine, and without --ca-file the token would travel in the clear."
                        + " Maybe --ca-file with the ca.pem of the server's home folder, or --plaintext?");
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
