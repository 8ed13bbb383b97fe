package dev.interposer.server.grpc;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import dev.interposer.proto.job.v1.FieldViolation;
import dev.interposer.proto.job.v1.Refusal;
import dev.interposer.server.security.Refusals;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;

/** Refusals as gRPC says them: a status, one violation for each field, and the reason. */
public final class Errors {
    private Errors() {}

    public static RefusedException exception(Rejection rejection) {
        return exception(rejection, rejection.code().name());
    }

    /** With a reason that says more than the kind of refusal does; in upper case, as machines like it. */
    public static RefusedException exception(Rejection rejection, String reason) {
        BadRequest.Builder fields = BadRequest.newBuilder();
        for (FieldError error : rejection.fields()) {
            // The value stands first and in brackets, so that field and description read as one sentence.
            String value = error.value().isEmpty() ? "" : "(" + error.value() + ") ";
            fields.addFieldViolationsBuilder()
                    .setField(error.path())
                    .setDescription(value + error.message())
                    .setReason(reason);
        }
        ErrorInfo info = ErrorInfo.newBuilder()
                .setDomain(Refusals.DOMAIN)
                .setReason(reason)
                .build();
        StatusRuntimeException made = StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code(rejection.code()).getNumber())
                .setMessage(rejection.message())
                .addDetails(Any.pack(info))
                .addDetails(Any.pack(fields.build()))
                .build());
        return new RefusedException(made, rejection);
    }

    public static RefusedException invalid(String path, String value, String message) {
        return exception(Rejection.of(ErrorCode.INVALID, List.of(new FieldError(path, value, message))));
    }

    public static RefusedException notFound(String what) {
        return exception(Rejection.of(ErrorCode.NOT_FOUND, "there is no " + what));
    }

    static Refusal refusal(Rejection rejection) {
        Refusal.Builder refusal = Refusal.newBuilder()
                .setCode(code(rejection.code()).getNumber())
                .setReason(rejection.code().name())
                .setMessage(rejection.message());
        for (FieldError error : rejection.fields()) {
            refusal.addViolations(FieldViolation.newBuilder()
                    .setField(error.path())
                    .setValue(error.value())
                    .setMessage(error.message()));
        }
        return refusal.build();
    }

    private static Code code(ErrorCode code) {
        return switch (code) {
            case INVALID -> Code.INVALID_ARGUMENT;
            case UNSUPPORTED -> Code.UNIMPLEMENTED;
            case FORBIDDEN -> Code.PERMISSION_DENIED;
            case NOT_FOUND -> Code.NOT_FOUND;
            case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
            case CONFLICT -> Code.FAILED_PRECONDITION;
            case RESOURCE_EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
            case INTERNAL -> Code.INTERNAL;
            case UNAVAILABLE -> Code.UNAVAILABLE;
        };
    }
}
