package dev.interposer.server.rest;

import io.grpc.StatusRuntimeException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What goes wrong in a request, each as a problem. */
final class ProblemMappers {
    @ServerExceptionMapper
    Response refused(StatusRuntimeException error) {
        return Problems.of(error);
    }

    @ServerExceptionMapper
    Response unauthorized(UnauthorizedException error) {
        return Problems.response(401, "UNAUTHENTICATED", TokenAuthentication.NEEDED);
    }

    @ServerExceptionMapper
    Response forbidden(ForbiddenException error) {
        return Problems.response(403, "PERMISSION_DENIED", "the token's role does not cover this");
    }

    /** Unknown paths, other methods, forms that nobody can give. */
    @ServerExceptionMapper
    Response other(WebApplicationException error) {
        Response.StatusType status = error.getResponse().getStatusInfo();
        String title =
                status.getReasonPhrase().toUpperCase(java.util.Locale.ROOT).replace(' ', '_');
        return Problems.response(status.getStatusCode(), title, String.valueOf(error.getMessage()));
    }
}
