package dev.interposer.agent.link;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.protobuf.StatusProto;
import java.security.cert.CertificateException;

/**
 * Why a scheduler refused.
 *
 * @param code as the contracts name it; empty when it named none
 * @param message for people
 */
record Reason(String code, String message) {
    static final String NODE_NOT_ALLOWED = "NODE_NOT_ALLOWED";
    private static final String REVOKED = "CERTIFICATE_REVOKED";

    /** Of our own: whoever answers is not believed. */
    private static final String UNBELIEVED = "SCHEDULER_UNBELIEVED";

    static Reason of(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new Reason(UNBELIEVED, String.valueOf(cause.getMessage()));
            }
        }
        com.google.rpc.Status status = StatusProto.fromThrowable(error);
        if (status == null) {
            return new Reason("", String.valueOf(error.getMessage()));
        }
        for (Any detail : status.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    return new Reason(detail.unpack(ErrorInfo.class).getReason(), status.getMessage());
                } catch (InvalidProtocolBufferException e) {
                    return new Reason("", status.getMessage());
                }
            }
        }
        return new Reason("", status.getMessage());
    }

    /** Whether the agent's certificate is of no more use. */
    boolean certificate() {
        return code.startsWith("CERTIFICATE_");
    }

    /** Whether the authorities that the agent knows have signed nothing of whoever answers. */
    boolean unbelieved() {
        return code.equals(UNBELIEVED);
    }

    /** Whether an operator wanted it so. */
    boolean revoked() {
        return code.equals(REVOKED);
    }

    /** Whether somebody has to do something before another try can end otherwise. */
    boolean forPeople() {
        return !code.isEmpty();
    }
}
