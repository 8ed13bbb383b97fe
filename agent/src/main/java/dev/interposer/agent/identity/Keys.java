package dev.interposer.agent.identity;

import com.google.protobuf.ByteString;
import dev.interposer.proto.agent.v1.JoinRequest;
import dev.interposer.proto.agent.v1.JoinStatement;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.List;

/** Key pairs of an agent, and the proof that it holds one. */
public final class Keys {
    private static final byte[] CONTEXT = "interposer.agent.v1.JoinStatement\0".getBytes(StandardCharsets.US_ASCII);

    private Keys() {}

    public static KeyPair make() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /**
     * Asks for a certificate of the pair's public key.
     *
     * @param token id and secret with a dot in between; empty to renew
     */
    public static JoinRequest request(KeyPair pair, List<String> nodes, String token, ByteString nonce)
            throws GeneralSecurityException {
        byte[] statement = JoinStatement.newBuilder()
                .setNonce(nonce)
                .setPublicKey(ByteString.copyFrom(pair.getPublic().getEncoded()))
                .addAllNodes(nodes)
                .setToken(token)
                .build()
                .toByteArray();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(CONTEXT);
        signature.update(statement);
        return JoinRequest.newBuilder()
                .setStatement(ByteString.copyFrom(statement))
                .setSignature(ByteString.copyFrom(signature.sign()))
                .build();
    }
}
