package dev.interposer.server.rest;

import io.grpc.StatusRuntimeException;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** The refusals of gRPC as {@code application/problem+json}. */
@Provider
public class Problems implements ExceptionMapper<StatusRuntimeException> {
    @Override
    public Response toResponse(StatusRuntimeException error) {
        int status = switch (error.getStatus().getCode()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, FAILED_PRECONDITION -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
            default -> 500;
        };
        String problem = new JsonObject()
                .put("title", error.getStatus().getCode().name())
                .put("status", status)
                .put("detail", String.valueOf(error.getStatus().getDescription()))
                .encode();
        return Response.status(status)
                .type("application/problem+json")
                .entity(problem)
                .build();
    }
}
