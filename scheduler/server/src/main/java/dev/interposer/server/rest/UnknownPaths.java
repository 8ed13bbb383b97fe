package dev.interposer.server.rest;

import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** What no resource answers is told so in the form of all other refusals, not as a page. */
@ApplicationScoped
class UnknownPaths {
    void routes(@Observes Router router) {
        router.errorHandler(
                404,
                context -> context.response()
                        .setStatusCode(404)
                        .putHeader("Content-Type", Problems.MEDIA_TYPE)
                        .end(Problems.text(
                                404,
                                "NOT_FOUND",
                                "there is no " + context.request().path())));
    }
}
