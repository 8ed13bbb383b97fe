package dev.interposer.server.tls;

import dev.interposer.ledger.jdbc.StoredAuthority;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs certificates: one that all servers of an installation share. */
record Authority(X509Certificate certificate, PrivateKey key) {
    private static final Duration LIFE = Duration.ofDays(3650);

    /** Clocks of machines differ. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    private static final int SERIAL_BITS = 127;

    /** Before the name of a node in a certificate. */
    private static final String NODE = "interposer-node:";

    static Authority make(int number, Instant now) throws GeneralSecurityException {
        KeyPair pair = keyPair();
        X500Principal name = new X500Principal("O=Interposer,CN=Interposer authority " + number);
        try {
            JcaX509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), now, LIFE);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return new Authority(sign(builder, pair.getPrivate()), pair.getPrivate());
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    static Authority read(StoredAuthority stored) throws TlsException {
        try {
            X509Certificate certificate = Pem.certificates(stored.certificate()).getFirst();
            return new Authority(certificate, Pem.key(stored.privateKey(), "EC"));
        } catch (GeneralSecurityException e) {
            throw new TlsException(
                    stored + " in the database can't be read: " + e.getMessage()
                            + ". Maybe restore the row from a backup of the database?",
                    e);
        }
    }

    StoredAuthority stored(int number) throws GeneralSecurityException {
        return new StoredAuthority(number, Pem.write(List.of(certificate)), Pem.write(key));
    }

    /** A new key pair with a certificate for a server that is reached by these names. */
    Identity server(ServerNames names, Instant now, Duration life) throws GeneralSecurityException {
        KeyPair pair = keyPair();
        X500Principal subject = new X500Principal("O=Interposer,CN=Interposer server");
        try {
            JcaX509v3CertificateBuilder builder =
                    builder(certificate.getSubjectX500Principal(), subject, pair.getPublic(), now, life);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate.getPublicKey()));
            return new Identity(pair.getPrivate(), List.of(sign(builder, key), certificate));
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    /** A certificate for an agent that has proven that it holds the key. */
    X509Certificate agent(AgentCertificates.Wanted wanted, Instant now, Duration life) throws GeneralSecurityException {
        X500Principal subject = new X500Principal("O=Interposer,CN=Interposer agent");
        try {
            JcaX509v3CertificateBuilder builder =
                    builder(certificate.getSubjectX500Principal(), subject, wanted.key(), now, life);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(wanted.nodes().stream()
                            .map(node -> new GeneralName(GeneralName.uniformResourceIdentifier, NODE + node))
                            .toArray(GeneralName[]::new)));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate.getPublicKey()));
            return sign(builder, key);
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    /** Whether it is one that this authority gave to an agent; not whether its time is over. */
    boolean hasSigned(X509Certificate agent) {
        try {
            List<String> purposes = agent.getExtendedKeyUsage();
            if (purposes == null || !purposes.contains(KeyPurposeId.id_kp_clientAuth.getId())) {
                return false;
            }
            agent.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** For which nodes a certificate speaks. */
    static Set<String> nodes(X509Certificate agent) {
        Set<String> nodes = new LinkedHashSet<>();
        try {
            Collection<List<?>> names = agent.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.get(0).equals(GeneralName.uniformResourceIdentifier)
                        && name.get(1) instanceof String said
                        && said.startsWith(NODE)) {
                    nodes.add(said.substring(NODE.length()));
                }
            }
        } catch (CertificateParsingException e) {
            return Set.of();
        }
        return nodes;
    }

    private static GeneralNames alternatives(ServerNames names) {
        List<GeneralName> all = new ArrayList<>();
        names.hosts().forEach(host -> all.add(new GeneralName(GeneralName.dNSName, host)));
        for (InetAddress address : names.addresses()) {
            all.add(new GeneralName(GeneralName.iPAddress, ServerNames.text(address)));
        }
        return new GeneralNames(all.toArray(new GeneralName[0]));
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, PublicKey key, Instant now, Duration life)
            throws GeneralSecurityException, CertIOException {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                Date.from(now.minus(SKEW.compareTo(life) < 0 ? SKEW : life)),
                Date.from(now.plus(life)),
                subject,
                key);
        builder.addExtension(
                Extension.subjectKeyIdentifier, false, new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
        return builder;
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static KeyPair keyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return certificate.getSubjectX500Principal().getName();
    }
}
