package dev.interposer.cli.output;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/** Errors of the server in words, each field by itself, and what to do next. */
public final class Failures {
    /** What the server calls a thing, and where such things are listed. */
    private static final Map<String, String> LISTS = Map.of(
            "node", "nodes",
            "queue", "queues",
            "class", "classes",
            "accelerator class", "classes",
            "supplier", "suppliers",
            "supply order", "orders",
            "sourcing policy", "policies",
            "join token", "tokens");

    private Failures() {}

    public static void print(StatusRuntimeException error, PrintWriter err) {
        err.println("error: " + words(error));
        err.flush();
    }

    /** A line, and one for each field that is wrong. */
    public static String words(StatusRuntimeException error) {
        List<BadRequest.FieldViolation> fields = fields(error);
        if (fields.isEmpty()) {
            return text(error);
        }
        StringBuilder words =
                new StringBuilder(fields.size() == 1 ? "one field is wrong" : fields.size() + " fields are wrong");
        for (BadRequest.FieldViolation field : fields) {
            // A description begins with the value in brackets where there is one.
            String gap = field.getDescription().startsWith("(") ? " " : ": ";
            words.append("\n  ").append(field.getField()).append(gap).append(field.getDescription());
        }
        return words.toString();
    }

    /** Whether the same call may do later, without anything else done about it. */
    public static boolean mayPass(StatusRuntimeException error) {
        return switch (error.getStatus().getCode()) {
            case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED -> true;
            default -> false;
        };
    }

    /** What nobody foresaw, in a line that says whoever mends it where to look. */
    public static String unforeseen(Throwable error) {
        String where = Arrays.stream(error.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("dev.interposer."))
                .findFirst()
                .map(frame -> " at " + frame.getClassName() + "." + frame.getMethodName() + ":" + frame.getLineNumber())
                .orElse("");
        String message = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
        return "not foreseen: " + error.getClass().getSimpleName() + ": " + message + where
                + ". Maybe again, and if it comes again, report this line?";
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
        if (description.startsWith("there is no job ")) {
            return ". Maybe `interposer get jobs -A`, or `interposer get history -A`?";
        }
        return LISTS.entrySet().stream()
                .filter(list -> description.startsWith("there is no " + list.getKey() + " "))
                .findFirst()
                .map(list -> ". Maybe `interposer get " + list.getValue() + "`?")
                .orElse("");
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
