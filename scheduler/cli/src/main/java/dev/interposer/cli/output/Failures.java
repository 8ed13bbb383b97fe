package dev.interposer.cli.output;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

/** Errors of the server in words, each field by itself, and what to do next. */
public final class Failures {
    private Failures() {}

    public static void print(StatusRuntimeException error, PrintWriter err) {
        List<BadRequest.FieldViolation> fields = fields(error);
        if (fields.isEmpty()) {
            err.println("error: " + text(error));
        } else {
            err.println("error: " + (fields.size() == 1 ? "one field is" : fields.size() + " fields are") + " wrong");
            for (BadRequest.FieldViolation field : fields) {
                // A description begins with the value in brackets where there is one.
                String gap = field.getDescription().startsWith("(") ? " " : ": ";
                err.println("  " + field.getField() + gap + field.getDescription());
            }
        }
        err.flush();
    }

    public static int exitCode(StatusRuntimeException error) {
        return switch (error.getStatus().getCode()) {
            case NOT_FOUND -> 3;
            case UNAVAILABLE -> 4;
            case UNAUTHENTICATED, PERMISSION_DENIED -> 5;
            case RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED -> 6;
            default -> 1;
        };
    }

    private static String text(StatusRuntimeException error) {
        String given = error.getStatus().getDescription();
        Throwable cause = error.getStatus().getCause();
        String description = given != null
                ? given
                : cause != null && cause.getMessage() != null
                        ? cause.getMessage()
                        : "no reason was given (" + error.getStatus().getCode() + ")";
        if (cause instanceof SSLException) {
            return "the server is not the one that is trusted: " + cause.getMessage()
                    + ". Maybe another --ca-file, or, if it is not encrypted, --plaintext?";
        }
        return switch (error.getStatus().getCode()) {
            case UNAVAILABLE ->
                "the server can't be reached or does not lead: " + description
                        + ". Maybe `interposer status`, or `interposer up`?";
            case UNAUTHENTICATED -> description + ". Maybe another --token-file?";
            case PERMISSION_DENIED -> description + ". Maybe a token with that right: --token-file?";
            case NOT_FOUND -> description + where(description);
            case RESOURCE_EXHAUSTED -> description + ". Maybe again in some seconds?";
            case DEADLINE_EXCEEDED -> description + ". Maybe `interposer status`, and then again?";
            default -> description;
        };
    }

    /** The list in which a name that is not there could have been found. */
    private static String where(String description) {
        if (description.startsWith("there is no job")) {
            return ". Maybe `interposer get jobs -A`, or `interposer get history -A`?";
        }
        return description.startsWith("there is no node") ? ". Maybe `interposer get nodes`?" : "";
    }

    private static List<BadRequest.FieldViolation> fields(StatusRuntimeException error) {
        List<BadRequest.FieldViolation> fields = new ArrayList<>();
        Status status = StatusProto.fromThrowable(error);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(BadRequest.class)) {
                    try {
                        fields.addAll(detail.unpack(BadRequest.class).getFieldViolationsList());
                    } catch (InvalidProtocolBufferException e) {
                        return List.of();
                    }
                }
            }
        }
        return fields;
    }
}
