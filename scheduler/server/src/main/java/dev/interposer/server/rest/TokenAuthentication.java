package dev.interposer.server.rest;

import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.security.Tokens;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The same tokens as over gRPC, as {@code Authorization: Bearer …}. */
@ApplicationScoped
public class TokenAuthentication implements HttpAuthenticationMechanism {
    static final String NEEDED = "a token is needed: Authorization: Bearer …";

    private static final String SCHEME = "Bearer ";

    private final Tokens tokens;

    public TokenAuthentication(Tokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager providers) {
        String header = context.request().getHeader("Authorization");
        if (header == null || !header.startsWith(SCHEME)) {
            return Uni.createFrom().nullItem();
        }
        Caller caller = tokens.caller(header.substring(SCHEME.length()).strip());
        if (caller == null) {
            return Uni.createFrom().failure(new AuthenticationFailedException("the token is not known"));
        }
        Set<String> roles = Stream.of(Role.values())
                .filter(role -> caller.role().covers(role))
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        return Uni.createFrom()
                .item(QuarkusSecurityIdentity.builder()
                        .setPrincipal(new QuarkusPrincipal(caller.name()))
                        .addRoles(roles)
                        .build());
    }

    /** Ends the answer: else its body would be empty. */
    @Override
    public Uni<Boolean> sendChallenge(RoutingContext context) {
        context.response()
                .setStatusCode(401)
                .putHeader("WWW-Authenticate", "Bearer")
                .putHeader("Content-Type", Problems.MEDIA_TYPE)
                .end(Problems.text(401, "UNAUTHENTICATED", NEEDED));
        return Uni.createFrom().item(true);
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", "Bearer"));
    }
}
