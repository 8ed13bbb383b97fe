package dev.interposer.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.interposer.ledger.embedded.EmbeddedDatabase;
import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.IssuedCertificate;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.fleet.v1.AccessServiceGrpc;
import dev.interposer.proto.fleet.v1.CreateTokenRequest;
import dev.interposer.proto.fleet.v1.ListAuthoritiesRequest;
import dev.interposer.proto.fleet.v1.ListTokensRequest;
import dev.interposer.proto.fleet.v1.RevokeNodeRequest;
import dev.interposer.proto.fleet.v1.RevokeTokenRequest;
import dev.interposer.proto.fleet.v1.RotateAuthorityRequest;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.security.AgentPass;
import dev.interposer.server.security.TokenInterceptor;
import dev.interposer.server.security.Tokens;
import dev.interposer.server.tls.AgentCertificates;
import dev.interposer.server.tls.JoinTokens;
import dev.interposer.server.tls.Rotation;
import dev.interposer.server.tls.ServerTls;
import dev.interposer.server.tls.SharedAuthorities;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in over a real socket, by which token, as which node, and for how long. */
class JoiningTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private static Path folder;

    private static EmbeddedDatabase database;

    private final List<OneServer> servers = new ArrayList<>();

    @BeforeAll
    static void startDatabase() throws IOException {
        database = EmbeddedDatabase.start(folder.resolve("postgres"));
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        database.close();
    }

    @AfterEach
    void stopServers() throws InterruptedException {
        for (OneServer server : servers) {
            server.grpc.stop();
        }
    }

    /** One of the servers on the database. */
    private record OneServer(GrpcServer grpc, Path home) {
        String trusted() throws IOException {
            return Files.readString(home.resolve("ca.pem"));
        }

        JoinClient agent() throws IOException {
            return new JoinClient(grpc.port(), trusted());
        }

        AccessServiceGrpc.AccessServiceBlockingStub operator(ManagedChannel channel) throws IOException {
            Metadata headers = new Metadata();
            headers.put(
                    Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                    "Bearer " + Files.readString(home.resolve("token")).strip());
            return AccessServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .withDeadlineAfter(20, TimeUnit.SECONDS);
        }
    }

    /** Says for which nodes the caller may speak. */
    private static final class Doorkeeper extends AgentServiceGrpc.AgentServiceImplBase {
        @Override
        public StreamObserver<AgentMessage> connect(StreamObserver<ServerMessage> out) {
            AgentPass pass = Objects.requireNonNull(TokenInterceptor.PASS.get());
            out.onNext(ServerMessage.newBuilder()
                    .setEpoch(pass.names("lab/a") ? 1 : 2)
                    .build());
            out.onCompleted();
            return new StreamObserver<>() {
                @Override
                public void onNext(AgentMessage message) {}

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {}
            };
        }
    }

    private OneServer serve(Duration life) throws IOException {
        Path home = Files.createDirectories(folder.resolve("server-" + servers.size()));
        JoinConfig config = new JoinConfig(home, database, life);
        LedgerAccess access = new LedgerAccess(config, "test");
        access.open();
        SharedAuthorities authorities = new SharedAuthorities();
        AgentCertificates certificates = new AgentCertificates(config, access, authorities);
        ServerTls tls = new ServerTls(config, access, authorities, certificates);
        GrpcServer grpc = new GrpcServer(
                config,
                new Tokens(config),
                tls,
                List.of(
                        new JoinEndpoint(certificates),
                        new AccessEndpoint(
                                new JoinTokens(access, authorities), new Rotation(config, access, authorities)),
                        new Doorkeeper()));
        grpc.start();
        OneServer server = new OneServer(grpc, home);
        servers.add(server);
        return server;
    }

    /** An operator's call. */
    private static <T> T asked(OneServer server, Operation<T> operation) throws IOException {
        ManagedChannel channel = server.agent().channel(null);
        try {
            return operation.on(server.operator(channel));
        } finally {
            channel.shutdownNow();
        }
    }

    private interface Operation<T> {
        T on(AccessServiceGrpc.AccessServiceBlockingStub access);
    }

    private static String token(OneServer server, int uses, String pattern) throws IOException {
        return token(server, CreateTokenRequest.newBuilder().setUses(uses).setNodePattern(pattern));
    }

    private static String token(OneServer server, CreateTokenRequest.Builder terms) throws IOException {
        return asked(server, access -> access.createToken(terms.build()).getToken());
    }

    /** {@code 1} when the server takes the agent for lab/a, {@code 2} when for another, else why it does not. */
    private static String connect(JoinClient agent, IssuedCertificate issued) throws Exception {
        ManagedChannel channel = agent.channel(issued.getCertificate());
        CompletableFuture<String> said = new CompletableFuture<>();
        try {
            AgentServiceGrpc.newStub(channel).connect(new StreamObserver<>() {
                @Override
                public void onNext(ServerMessage message) {
                    said.complete(Long.toString(message.getEpoch()));
                }

                @Override
                public void onError(Throwable error) {
                    try {
                        said.complete(JoinClient.reason(error));
                    } catch (IOException e) {
                        said.completeExceptionally(e);
                    }
                }

                @Override
                public void onCompleted() {
                    said.complete("");
                }
            });
            return said.get(20, TimeUnit.SECONDS);
        } finally {
            channel.shutdownNow();
        }
    }

    private static void sql(String statement) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                Statement run = connection.createStatement()) {
            run.execute(statement);
        }
    }

    @Test
    void whoHasATokenGetsACertificateThatStandsForTheTokenOfAgentsAndForNothingElse() throws Exception {
        OneServer server = serve(DAY);
        JoinClient agent = server.agent();
        String token = token(server, 1, "lab/*");
        assertThat(asked(server, access -> access.listTokens(ListTokensRequest.getDefaultInstance()))
                        .toString())
                .doesNotContain(token.split("\\.", -1)[1]);

        IssuedCertificate issued = agent.join(token, null, "lab/a");

        assertThat(connect(agent, issued)).isEqualTo("1");
        assertThat(issued.getAuthorities()).isEqualTo(server.trusted());
        ManagedChannel channel = agent.channel(issued.getCertificate());
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> AccessServiceGrpc.newBlockingStub(channel).listTokens(ListTokensRequest.getDefaultInstance()));
        channel.shutdownNow();
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        IssuedCertificate elsewhere = server.agent().join(token(server, 1, ""), null, "other/b");
        assertThat(elsewhere.getCertificate()).isNotEmpty();
    }

    @Test
    void theCertificateOfAnotherNodeIsToldApart() throws Exception {
        OneServer server = serve(DAY);
        JoinClient agent = server.agent();

        IssuedCertificate issued = agent.join(token(server, 1, "lab/*"), null, "lab/b");

        assertThat(connect(agent, issued)).isEqualTo("2");
        assertThat(agent.refusal("", issued.getCertificate(), "lab/a")).isEqualTo("NODE_NOT_ALLOWED");
        assertThat(agent.refusal("", issued.getCertificate(), "lab/b")).isEmpty();
    }

    @Test
    void aTokenThatIsOfNoUseSaysWhy() throws Exception {
        OneServer server = serve(DAY);
        String once = token(server, 1, "lab/*");
        assertThat(server.agent().refusal(once, null, "elsewhere/a")).isEqualTo("NODE_NOT_ALLOWED");
        assertThat(server.agent().refusal(once, null, "lab/a", "lab/b/c")).isEqualTo("STATEMENT_INVALID");
        server.agent().join(once, null, "lab/a");
        assertThat(server.agent().refusal(once, null, "lab/b")).isEqualTo("TOKEN_USED_UP");

        String forged = once.replace(once.split("\\.", -1)[1], "A".repeat(43));
        assertThat(server.agent().refusal(forged, null, "lab/a")).isEqualTo("TOKEN_UNKNOWN");

        String ended = token(server, 1, "");
        sql("UPDATE join_token SET expires_at = now() WHERE id = '" + JoinTokens.id(ended) + "'");
        assertThat(server.agent().refusal(ended, null, "lab/a")).isEqualTo("TOKEN_EXPIRED");

        String revoked = token(server, 1, "");
        asked(
                server,
                access -> access.revokeToken(
                        RevokeTokenRequest.newBuilder().setId(revoked).build()));
        assertThat(server.agent().refusal(revoked, null, "lab/a")).isEqualTo("TOKEN_REVOKED");
    }

    @Test
    void twoServersThatRaceGiveTheLastUseOnce() throws Exception {
        OneServer one = serve(DAY);
        OneServer two = serve(DAY);
        assertThat(two.trusted()).isEqualTo(one.trusted());
        String token = token(one, 1, "");
        List<Future<String>> said = new ArrayList<>();
        try (ExecutorService agents = Executors.newFixedThreadPool(6)) {
            for (int number = 0; number < 6; number++) {
                JoinClient agent = (number % 2 == 0 ? one : two).agent();
                String node = "lab/n" + number;
                Callable<String> join = () -> agent.refusal(token, null, node);
                said.add(agents.submit(join));
            }
        }
        assertThat(said.stream().map(Future::resultNow))
                .containsExactlyInAnyOrder(
                        "", "TOKEN_USED_UP", "TOKEN_USED_UP", "TOKEN_USED_UP", "TOKEN_USED_UP", "TOKEN_USED_UP");
    }

    @Test
    void whoDoesNotHoldTheKeyOrAnswersAnotherChallengeGetsNothingAndUsesNothingUp() throws Exception {
        OneServer server = serve(DAY);
        String token = token(server, 1, "");
        byte[] foreign = JoinClient.pair().getPublic().getEncoded();

        assertThat(server.agent()
                        .saying(statement -> statement.setPublicKey(ByteString.copyFrom(foreign)))
                        .refusal(token, null, "lab/a"))
                .isEqualTo("STATEMENT_INVALID");
        assertThat(server.agent()
                        .saying(statement -> statement.setNonce(ByteString.copyFromUtf8("of another call")))
                        .refusal(token, null, "lab/a"))
                .isEqualTo("STATEMENT_INVALID");
        assertThat(server.agent().refusal(token, null, "lab/a")).isEmpty();
    }

    @Test
    void whatAnOperatorRevokesIsRefusedByEveryServerWithinSeconds() throws Exception {
        OneServer one = serve(DAY);
        OneServer two = serve(DAY);
        JoinClient agent = two.agent();
        IssuedCertificate issued = agent.join(token(one, 1, ""), null, "lab/a");
        assertThat(connect(agent, issued)).isEqualTo("1");

        assertThat(asked(
                                one,
                                access -> access.revokeNode(RevokeNodeRequest.newBuilder()
                                        .setName("lab/a")
                                        .build()))
                        .getCertificates())
                .isPositive();

        assertThat(agent.refusal("", issued.getCertificate(), "lab/a")).isEqualTo("CERTIFICATE_REVOKED");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        String said = connect(agent, issued);
        while (said.equals("1") && System.nanoTime() < deadline) {
            Thread.sleep(200);
            said = connect(agent, issued);
        }
        assertThat(said).isEqualTo("CERTIFICATE_REVOKED");
    }

    @Test
    void aCertificateThatEndedAndOneOfAnotherInstallationAreToldApart() throws Exception {
        OneServer brief = serve(Duration.ofSeconds(2));
        JoinClient agent = brief.agent();
        IssuedCertificate issued = agent.join(token(brief, 1, ""), null, "lab/a");
        Thread.sleep(2_500);
        assertThat(connect(agent, issued)).isEqualTo("CERTIFICATE_EXPIRED");
        assertThat(agent.refusal("", issued.getCertificate(), "lab/a")).isEqualTo("CERTIFICATE_EXPIRED");

        OneServer server = serve(DAY);
        IssuedCertificate foreign = Foreign.certificate(agent.pair.getPublic(), "lab/a");
        assertThat(connect(agent, foreign)).isEqualTo("CERTIFICATE_UNKNOWN");
        assertThat(server.agent().refusal("", null, "lab/a")).isEqualTo("CERTIFICATE_MISSING");
    }

    @Test
    void aSuccessorIsToldToAgentsBeforeItSignsAndThenEveryServerShowsIt() throws Exception {
        OneServer one = serve(DAY);
        OneServer two = serve(DAY);
        String before = one.trusted();
        long longer = DAY.multipliedBy(2).toSeconds();
        String token = token(one, CreateTokenRequest.newBuilder().setUses(9).setTtlSeconds(longer));
        JoinClient early = one.agent();
        IssuedCertificate old = early.join(token, null, "lab/a");
        assertThat(old.getAuthorities()).isEqualTo(before);

        var begun = asked(one, access -> access.rotateAuthority(RotateAuthorityRequest.getDefaultInstance()));
        assertThat(begun.getUselessTokensList()).contains(JoinTokens.id(token));
        StatusRuntimeException again = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> asked(two, access -> access.rotateAuthority(RotateAuthorityRequest.getDefaultInstance())));
        assertThat(JoinClient.reason(again)).isEqualTo("ROTATION_UNDER_WAY");

        // Of the server that was not asked, and at once.
        IssuedCertificate told = two.agent().join(token, null, "lab/b");
        assertThat(told.getAuthorities()).startsWith(before).hasSizeGreaterThan(before.length());
        assertThat(token(two, 1, "").split("\\.", -1)).as("a token names both").hasSize(4);
        assertThat(connect(early, old)).isEqualTo("1");

        // A day is over.
        sql("UPDATE authority SET signs_from = now() WHERE number = 2");
        String after = told.getAuthorities().substring(before.length());
        JoinClient late = new JoinClient(two.grpc.port(), after);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!late.refusal(token, null, "lab/c").isEmpty()) {
            assertThat(System.nanoTime()).as("the successor is not shown").isLessThan(deadline);
            Thread.sleep(200);
        }
        assertThat(new JoinClient(one.grpc.port(), before).refusal(token, null, "lab/d"))
                .as("the old one is shown no more")
                .contains("UNAVAILABLE");
        var shown = asked(one, access -> access.listAuthorities(ListAuthoritiesRequest.getDefaultInstance()));
        assertThat(shown.getAuthoritiesList())
                .extracting(dev.interposer.proto.fleet.v1.Authority::getStage)
                .endsWith("Former", "Signing");
        assertThat(one.trusted()).isEqualTo(told.getAuthorities());
    }
}
