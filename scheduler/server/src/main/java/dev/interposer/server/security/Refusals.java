package dev.interposer.server.security;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** Why somebody is not let in, with a reason that programs read. */
public final class Refusals {
    public static final String DOMAIN = "interposer.dev";

    private Refusals() {}

    /** @param reason in upper case, as the contracts name it */
    public static StatusRuntimeException of(Code code, String reason, String message) {
        ErrorInfo info =
                ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(reason).build();
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code.getNumber())
                .setMessage(message)
                .addDetails(Any.pack(info))
                .build());
    }
}
