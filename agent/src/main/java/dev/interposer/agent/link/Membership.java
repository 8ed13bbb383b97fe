package dev.interposer.agent.link;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.JoinOptions;
import dev.interposer.agent.identity.Identity;
import dev.interposer.agent.identity.IdentityFolder;
import dev.interposer.agent.identity.JoinToken;
import dev.interposer.agent.identity.Keys;
import dev.interposer.agent.identity.Pem;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.IssuedCertificate;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Joins, and renews the certificate at two thirds of its life. Whether one is still good only the schedulers say: their
 * clock decides. On the loop; nothing here touches what runs.
 */
final class Membership {
    private static final Logger LOG = System.getLogger(Membership.class.getName());
    private static final long LEAST_WAIT_MILLIS = 100;
    private static final long MOST_WAIT_MILLIS = 5_000;
    private static final Duration REFUSED_WAIT = Duration.ofSeconds(60);
    private static final Duration LEAST_RENEWAL_WAIT = Duration.ofSeconds(1);
    private static final Duration MOST_RENEWAL_WAIT = Duration.ofMinutes(5);

    /** A fleet that joined at once shall not renew at once. */
    private static final int JITTER_PARTS = 20;

    private final List<String> servers;
    private final JoinOptions join;
    private final List<String> nodes;
    private final IdentityFolder folder;
    private final Loop loop;
    private final Connections connections;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Backoff backoff = new Backoff(LEAST_WAIT_MILLIS, MOST_WAIT_MILLIS, random);

    private @Nullable Identity identity;
    private boolean used;
    /** Why what it has is of no use; null while it is, or may be. */
    private @Nullable Reason spent;

    private boolean asking;
    private int server;
    private long nextNanos = System.nanoTime();
    private long renewNanos;
    private Instant renewAt = Instant.MAX;

    private Membership(AgentOptions options, List<String> nodes, Loop loop, Connections connections) {
        this.servers = options.servers();
        this.join = options.join();
        this.nodes = List.copyOf(nodes);
        this.folder = new IdentityFolder(options.stateFolder());
        this.loop = loop;
        this.connections = connections;
    }

    static Membership of(AgentOptions options, List<String> nodes, Loop loop, Connections connections)
            throws ConfigException {
        Membership made = new Membership(options, nodes, loop, connections);
        Identity held = made.folder.read();
        String token = options.join().token();
        if (token != null) {
            // Wrong at once or never: a file may be replaced later.
            JoinToken.parse(token, options.join().source());
        } else if (held == null) {
            throw new ConfigException("nothing says who this agent is: there is neither " + made.folder.file()
                    + " nor a token. Maybe --join-file with a token of `interposer create token`, or --token-file?");
        }
        if (held != null) {
            made.take(held, Instant.now());
        }
        connections.onRefusal(made::refused);
        return made;
    }

    private void take(Identity held, Instant now) {
        identity = held;
        used = false;
        spent = null;
        Duration life = held.life();
        Duration early = Duration.ofMillis(random.nextLong(life.toMillis() / JITTER_PARTS + 1));
        renewAt = held.end().minus(life.dividedBy(3)).minus(early);
        Duration left = Duration.between(now, renewAt);
        Duration whole = life.dividedBy(3).multipliedBy(2);
        // Somebody may set the machine's clock: a fresh one is not renewed at once, an old one not never.
        Duration bounded = left.isNegative() ? Duration.ZERO : left.compareTo(whole) > 0 ? whole : left;
        renewNanos = System.nanoTime() + bounded.toNanos();
    }

    /** Called a few times a second. */
    void tick() {
        long now = System.nanoTime();
        if (asking || now - nextNanos < 0) {
            return;
        }
        Identity held = identity;
        if (held == null || spent != null) {
            joinAgain(held, spent == null ? "" : spent.message());
        } else if (!used) {
            use(held);
        } else if (isDue(now) && !named(held).isEmpty()) {
            renew(held);
        } else if (!held.nodes().containsAll(nodes)) {
            // Those that it names go on meanwhile.
            joinAgain(
                    held,
                    "the certificate of " + folder.file() + " is for " + held.nodes() + ", the nodes file says " + nodes
                            + ".");
        }
    }

    /** Whether it has a certificate that it uses and nobody refuses. */
    boolean isSettled() {
        return identity != null && used && spent == null;
    }

    private boolean isDue(long nowNanos) {
        return nowNanos - renewNanos >= 0 || Instant.now().isAfter(renewAt);
    }

    /** Nodes of this agent that it speaks for. */
    private List<String> named(Identity held) {
        return nodes.stream().filter(held.nodes()::contains).toList();
    }

    private void use(Identity held) {
        try {
            used = true;
            connections.use(servers, held);
        } catch (IOException | GeneralSecurityException e) {
            LOG.log(Level.ERROR, "the certificate of {0} can''t be used: {1}", folder.file(), e.getMessage());
            later(REFUSED_WAIT);
        }
    }

    private void refused(Reason reason) {
        if (spent != null || (reason.unbelieved() && !hasAnotherToken())) {
            return;
        }
        spent = reason;
    }

    /**
     * Of another authority, it may be, which took over while this agent was away. Without such a word whoever answers
     * is a stranger, and the schedulers that are known may come back.
     */
    private boolean hasAnotherToken() {
        try {
            String said = join.token();
            Identity held = identity;
            return said != null
                    && held != null
                    && !JoinToken.parse(said, join.source()).id().equals(held.tokenId());
        } catch (ConfigException e) {
            LOG.log(Level.ERROR, "the agent can''t join: {0}", e.getMessage());
            return false;
        }
    }

    /** What an operator revoked opens nothing again by itself: that takes another token. */
    private void joinAgain(@Nullable Identity held, String why) {
        later(REFUSED_WAIT);
        try {
            String said = join.token();
            JoinToken token = said == null ? null : JoinToken.parse(said, join.source());
            boolean same = token != null && held != null && held.tokenId().equals(token.id());
            if (token == null || (same && spent != null && spent.revoked())) {
                LOG.log(
                        Level.ERROR,
                        "{0} Nobody can join with {1}; give another token there, or start the agent with one; "
                                + "looking again in {2} s",
                        why,
                        token == null ? "no token in " + join.source() : token + ", which it joined with",
                        REFUSED_WAIT.toSeconds());
                return;
            }
            if (!why.isEmpty()) {
                LOG.log(Level.WARNING, "{0} Joining again with {1}", why, token);
            }
            join(token, folder.joiningPair());
        } catch (ConfigException | IOException | GeneralSecurityException e) {
            LOG.log(Level.ERROR, "the agent can''t join: {0}", e.getMessage());
        }
    }

    private void join(JoinToken token, KeyPair pair) {
        String address = servers.get(server);
        server = (server + 1) % servers.size();
        ManagedChannel channel = Connections.joining(address, token);
        asking = true;
        JoinCall.Wish wish = new JoinCall.Wish(pair, nodes, token.id() + "." + token.secret());
        JoinCall.begin(channel, wish, loop, new JoinCall.Answer() {
            @Override
            public void issued(IssuedCertificate certificate) {
                channel.shutdownNow();
                taken(certificate, pair, token.id());
            }

            @Override
            public void failed(Throwable error) {
                channel.shutdownNow();
                asking = false;
                notJoined(address, token, error);
            }
        });
    }

    private void notJoined(String address, JoinToken token, Throwable error) {
        Reason reason = Reason.of(error);
        boolean forPeople = reason.forPeople();
        if (spent != null && spent.unbelieved()) {
            // Those who are known may be back; until the next refusal the certificate counts.
            spent = null;
        }
        Duration wait = forPeople ? REFUSED_WAIT : Duration.ofMillis(backoff.next());
        LOG.log(
                forPeople ? Level.ERROR : Level.INFO,
                "no certificate by {0} from {1}: {2} {3}; trying again in {4} ms",
                token,
                address,
                Status.fromThrowable(error).getCode(),
                reason.message(),
                wait.toMillis());
        later(wait);
    }

    private void renew(Identity held) {
        KeyPair pair;
        try {
            pair = Keys.make();
        } catch (GeneralSecurityException e) {
            LOG.log(Level.ERROR, "no key can be made: {0}", e.getMessage());
            later(REFUSED_WAIT);
            return;
        }
        asking = true;
        JoinCall.Wish wish = new JoinCall.Wish(pair, named(held), "");
        JoinCall.begin(connections.channel(server), wish, loop, new JoinCall.Answer() {
            @Override
            public void issued(IssuedCertificate certificate) {
                taken(certificate, pair, held.tokenId());
            }

            @Override
            public void failed(Throwable error) {
                asking = false;
                notRenewed(held, error);
            }
        });
        server = (server + 1) % servers.size();
    }

    private void notRenewed(Identity held, Throwable error) {
        Reason reason = Reason.of(error);
        if (reason.certificate() || reason.unbelieved()) {
            refused(reason);
        }
        if (spent != null) {
            return;
        }
        Duration part = held.life().dividedBy(60);
        Duration wait = part.compareTo(LEAST_RENEWAL_WAIT) < 0
                ? LEAST_RENEWAL_WAIT
                : part.compareTo(MOST_RENEWAL_WAIT) > 0 ? MOST_RENEWAL_WAIT : part;
        LOG.log(
                Level.WARNING,
                "{0}, which ends at {1}, is not renewed: {2} {3}; trying again in {4} ms",
                held,
                held.end(),
                Status.fromThrowable(error).getCode(),
                reason.message(),
                wait.toMillis());
        later(wait);
    }

    private void taken(IssuedCertificate issued, KeyPair pair, String tokenId) {
        asking = false;
        backoff.succeeded();
        try {
            Identity next = new Identity(
                    pair.getPrivate(),
                    Pem.certificates(issued.getCertificate()).getFirst(),
                    Pem.certificates(issued.getAuthorities()),
                    tokenId);
            folder.write(next);
            LOG.log(Level.INFO, "{0} is good until {1}", next, next.end());
            // By its own dates: what this machine takes for the time does not matter for one that has just been given.
            take(next, next.end().minus(next.life()));
            nextNanos = System.nanoTime();
            renewAt = renewAt.isBefore(Instant.now()) ? Instant.MAX : renewAt;
        } catch (IOException | GeneralSecurityException e) {
            LOG.log(Level.ERROR, "a certificate was given and can''t be kept: {0}", e.getMessage());
            later(REFUSED_WAIT);
        }
    }

    private void later(Duration wait) {
        nextNanos = System.nanoTime() + wait.toNanos();
    }
}
