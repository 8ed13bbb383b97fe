package dev.interposer.server.tls;

import com.google.rpc.Code;
import dev.interposer.ledger.jdbc.JdbcAuthorities;
import dev.interposer.ledger.jdbc.JdbcAuthorities.Listed;
import dev.interposer.ledger.jdbc.LedgerDatabase;
import dev.interposer.server.security.Refusals;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who signs for this installation, as the database said it last: one set for all servers, whoever leads. */
@Singleton
public final class SharedAuthorities {
    /** Longer than between the reading of who signs and the keeping of what it signed. */
    private static final Duration GRACE = Duration.ofMinutes(1);

    private volatile @Nullable Known known;

    /** What the database said, and the same read. */
    private record Known(JdbcAuthorities table, List<Listed> listed, Signers signers) {}

    /**
     * Who is trusted.
     *
     * @param all in the order of their numbers
     * @param signing one of them
     */
    record Signers(List<Numbered> all, Numbered signing) {
        Signers {
            all = List.copyOf(all);
        }

        List<X509Certificate> certificates() {
            return all.stream().map(one -> one.authority().certificate()).toList();
        }

        /** Those whose certificates will be there for a while: who signs now, and who does next. */
        List<X509Certificate> lasting() {
            return all.stream()
                    .filter(one -> one.number() >= signing.number())
                    .map(one -> one.authority().certificate())
                    .toList();
        }
    }

    record Numbered(int number, Authority authority) {}

    /** Makes the first authority if there is none. */
    Signers open(LedgerDatabase database) throws TlsException {
        JdbcAuthorities table = new JdbcAuthorities(database);
        List<Listed> listed = table.all();
        if (listed.isEmpty()) {
            try {
                table.addIfAbsent(
                        Authority.make(1, InstantSource.system().instant()).stored(1));
            } catch (GeneralSecurityException e) {
                throw new TlsException("an authority can't be made: " + e.getMessage(), e);
            }
            // Whoever made it.
            listed = table.all();
        }
        Known opened = new Known(table, listed, read(listed));
        known = opened;
        return opened.signers;
    }

    /** Asks the database. */
    synchronized Signers refresh() throws TlsException {
        Known before = require();
        List<Listed> listed = before.table.all();
        if (!listed.equals(before.listed)) {
            known = new Known(before.table, listed, read(listed));
        }
        return require().signers;
    }

    /**
     * Makes a successor that is trusted at once, told to every agent as it renews, and signs when all certificates that
     * were given before have run out. All of it stands in the database: no server has to live to see the next step.
     */
    Listed rotate(Duration life) throws TlsException {
        JdbcAuthorities table = require().table;
        int number = table.all().getLast().authority().number() + 1;
        try {
            Authority made = Authority.make(number, InstantSource.system().instant());
            if (!table.succeed(made.stored(number), life)) {
                throw Refusals.of(
                        Code.FAILED_PRECONDITION,
                        "ROTATION_UNDER_WAY",
                        "an authority is on its way already. Maybe `interposer get authorities`, and later again?");
            }
        } catch (GeneralSecurityException e) {
            throw new TlsException("an authority can't be made: " + e.getMessage(), e);
        }
        refresh();
        return require().listed.getLast();
    }

    /** Removes those of whom nothing is good any more. */
    void retire() {
        require().table.retire(GRACE);
    }

    /** As the database has them now. */
    List<Listed> all() throws TlsException {
        refresh();
        return require().listed;
    }

    /** As it was said last. Never blocks. */
    Signers now() {
        return require().signers;
    }

    /** Nobody where this server speaks no TLS of an authority of its own. Never blocks. */
    List<Numbered> trusted() {
        Known found = known;
        return found == null ? List.of() : found.signers.all();
    }

    private Known require() {
        Known found = known;
        if (found == null) {
            throw Refusals.of(
                    Code.FAILED_PRECONDITION,
                    "NO_AUTHORITY",
                    "this server speaks no TLS with certificates of an authority of its own, so nobody can join by a"
                            + " token. Maybe interposer.tls.mode=own?");
        }
        return found;
    }

    private static Signers read(List<Listed> listed) throws TlsException {
        List<Numbered> all = new ArrayList<>();
        Numbered signing = null;
        for (Listed one : listed) {
            Numbered numbered = new Numbered(one.authority().number(), Authority.read(one.authority()));
            all.add(numbered);
            if (one.begun()) {
                signing = numbered;
            }
        }
        if (signing == null) {
            throw new TlsException("no authority of the database signs yet. Maybe a row of it was removed?", null);
        }
        return new Signers(all, signing);
    }
}
