package dev.interposer.agent.driver.plugin;

import io.grpc.Status;
import java.io.Serial;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plugin did not do what driver.v1 says. */
final class PluginFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final Status.Code code;

    private PluginFailure(Kind kind, Status.Code code, String message) {
        super(message);
        this.kind = kind;
        this.code = code;
    }

    /** In what way. */
    enum Kind {
        /** Nobody is there. */
        ABSENT,
        /** Somebody is, and does not answer. */
        SILENT,
        /** It answers, and refuses what it was asked. */
        REFUSED,
        /** It answers what the contract does not allow. */
        CONTRACT
    }

    static PluginFailure of(String call, Duration deadline, Status status) {
        String says = status.getCode() + words(status);
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                innermost(status.getCause()) instanceof UnixSocket.NotTakenException
                        ? new PluginFailure(Kind.SILENT, status.getCode(), call + " is not taken: " + says)
                        : new PluginFailure(Kind.ABSENT, status.getCode(), call + " finds nobody: " + says);
            case CANCELLED -> new PluginFailure(Kind.ABSENT, status.getCode(), call + " is broken off: " + says);
            case DEADLINE_EXCEEDED ->
                new PluginFailure(
                        Kind.SILENT, status.getCode(), call + " has no answer within " + deadline.toMillis() + " ms");
            case NOT_FOUND, FAILED_PRECONDITION ->
                new PluginFailure(Kind.REFUSED, status.getCode(), call + " is refused: " + says);
            case OK,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED -> new PluginFailure(Kind.CONTRACT, status.getCode(), call + " fails with " + says);
        };
    }

    static PluginFailure silent(String call, Duration deadline) {
        return of(call, deadline, Status.DEADLINE_EXCEEDED);
    }

    static PluginFailure contract(String message) {
        return new PluginFailure(Kind.CONTRACT, Status.Code.OK, message);
    }

    /** Throws what is wrong, if anything is. */
    static void ifAny(List<String> violations) throws PluginFailure {
        if (!violations.isEmpty()) {
            throw contract(violations.getFirst()
                    + (violations.size() > 1 ? ", and " + (violations.size() - 1) + " more" : ""));
        }
    }

    Kind kind() {
        return kind;
    }

    Status.Code code() {
        return code;
    }

    String words() {
        return String.valueOf(getMessage());
    }

    /** What the transport says is often no more than that it failed: why, says the innermost cause. */
    private static String words(Status status) {
        String described = status.getDescription() == null ? "" : " " + shortened(status.getDescription());
        Throwable innermost = innermost(status.getCause());
        String why = innermost == null ? "" : String.valueOf(innermost.getMessage());
        return described.contains(why) ? described : described + " (" + shortened(why) + ")";
    }

    private static @Nullable Throwable innermost(@Nullable Throwable cause) {
        Throwable innermost = cause;
        for (int depth = 0; depth < 8 && innermost != null && innermost.getCause() != null; depth++) {
            innermost = innermost.getCause();
        }
        return innermost;
    }

    private static String shortened(String text) {
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }
}
