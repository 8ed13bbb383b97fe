package dev.interposer.server.tls;

import io.quarkus.logging.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/** A certificate and its key of files that somebody else renews. */
final class FileIdentities implements Identities {
    private static final int PROBE_BYTES = 32;

    private final Path certificateFile;
    private final Path keyFile;
    private Identity held;
    private List<FileTime> seen;

    FileIdentities(Path certificateFile, Path keyFile) throws TlsException {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.seen = times();
        this.held = read();
    }

    /** While one file is new and the other not yet, the two do not fit together: then the old pair goes on. */
    @Override
    public synchronized Identity current() {
        try {
            List<FileTime> now = times();
            if (!now.equals(seen)) {
                held = read();
                seen = now;
                Log.infof("the server's certificate was read again from %s", certificateFile);
            }
        } catch (TlsException e) {
            Log.warnf("the server's certificate stays the old one: %s", e.getMessage());
        }
        return held;
    }

    private List<FileTime> times() throws TlsException {
        try {
            return List.of(Files.getLastModifiedTime(certificateFile), Files.getLastModifiedTime(keyFile));
        } catch (IOException e) {
            throw new TlsException(
                    "interposer.tls.certificate-file (" + certificateFile + ") or key-file (" + keyFile
                            + ") can't be read: " + e,
                    e);
        }
    }

    private Identity read() throws TlsException {
        try {
            List<X509Certificate> chain = Pem.certificates(Files.readString(certificateFile));
            PrivateKey key = Pem.key(
                    Files.readString(keyFile), chain.getFirst().getPublicKey().getAlgorithm());
            requirePair(key, chain.getFirst());
            return new Identity(key, chain);
        } catch (IOException | GeneralSecurityException e) {
            throw new TlsException(
                    "interposer.tls.certificate-file (" + certificateFile + ") and key-file (" + keyFile
                            + ") can't be used: " + e.getMessage()
                            + ". Both must be PEM, the key PKCS#8 and not encrypted, and belong together",
                    e);
        }
    }

    private static void requirePair(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        byte[] probe = new byte[PROBE_BYTES];
        new SecureRandom().nextBytes(probe);
        Signature signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> key.getAlgorithm();
                });
        signature.initSign(key);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(probe);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is not the one of the certificate");
        }
    }
}
