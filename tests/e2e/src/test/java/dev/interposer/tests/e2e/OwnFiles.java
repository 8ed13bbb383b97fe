package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What an operator brings along: an authority that no server of ours made, and a server's certificate and key by it.
 *
 * @param pin of the authority
 */
record OwnFiles(Path authority, Path certificate, Path key, String pin) {
    private static final String PASSWORD = "changeit";

    /** Files of that name in a folder, for a server on this machine. */
    static OwnFiles make(Path folder, String name) throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve(name + ".p12");
        keytool(store, "-alias", "ca", "-dname", "CN=" + name, "-ext", "bc:c=ca:true");
        keytool(store, "-alias", "server", "-signer", "ca", "-dname", "CN=x", "-ext", "san=dns:localhost,ip:127.0.0.1");
        KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Certificate authority = made.getCertificate("ca");
        Key key = Objects.requireNonNull(made.getKey("server", PASSWORD.toCharArray()));
        StringBuilder chain = new StringBuilder();
        for (Certificate certificate : made.getCertificateChain("server")) {
            chain.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return new OwnFiles(
                Files.writeString(folder.resolve(name + "-ca.pem"), pem("CERTIFICATE", authority.getEncoded())),
                Files.writeString(folder.resolve(name + ".pem"), chain),
                Files.writeString(folder.resolve(name + ".key"), pem("PRIVATE KEY", key.getEncoded())),
                HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256")
                                .digest(authority.getPublicKey().getEncoded())));
    }

    /** For a server. */
    String[] settings() {
        return new String[] {
            "tls.mode=files", "tls.certificate-file=" + certificate, "tls.key-file=" + key, "tls.ca-file=" + authority
        };
    }

    private static void keytool(Path store, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg", "EC"));
        command.addAll(List.of(words));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        Path said = store.resolveSibling("keytool.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    }

    private static String pem(String kind, byte[] content) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }
}
