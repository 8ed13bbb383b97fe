package dev.interposer.server.rest;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.core.Response;

/**
 * Refusals as RFC 9457 has them, {@code application/problem+json}: {@code title} is the code, {@code detail} the text,
 * and {@code fields} names what is wrong with which value.
 */
final class Problems {
    static final String MEDIA_TYPE = "application/problem+json";

    private Problems() {}

    static Response response(int status, String title, String detail) {
        return response(status, body(status, title, detail));
    }

    static String text(int status, String title, String detail) {
        return body(status, title, detail).encode();
    }

    /** What gRPC says, in the words of HTTP. */
    static Response of(StatusRuntimeException error) {
        int status = switch (error.getStatus().getCode()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, FAILED_PRECONDITION -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
            case OK, CANCELLED, UNKNOWN, ABORTED, INTERNAL, DATA_LOSS -> 500;
        };
        JsonObject body = body(
                status,
                error.getStatus().getCode().name(),
                String.valueOf(error.getStatus().getDescription()));
        details(error, body);
        return response(status, body);
    }

    private static void details(StatusRuntimeException error, JsonObject body) {
        Status status = StatusProto.fromThrowable(error);
        if (status == null) {
            return;
        }
        JsonArray fields = new JsonArray();
        try {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    body.put("reason", detail.unpack(ErrorInfo.class).getReason());
                } else if (detail.is(BadRequest.class)) {
                    for (var field : detail.unpack(BadRequest.class).getFieldViolationsList()) {
                        fields.add(
                                new JsonObject().put("field", field.getField()).put("message", field.getDescription()));
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a detail of our own can't be read", e);
        }
        if (!fields.isEmpty()) {
            body.put("fields", fields);
        }
    }

    private static Response response(int status, JsonObject body) {
        return Response.status(status).type(MEDIA_TYPE).entity(body.encode()).build();
    }

    private static JsonObject body(int status, String title, String detail) {
        return new JsonObject().put("title", title).put("status", status).put("detail", detail);
    }
}
