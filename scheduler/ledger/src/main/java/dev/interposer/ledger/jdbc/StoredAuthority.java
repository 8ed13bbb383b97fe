package dev.interposer.ledger.jdbc;

/**
 * A certificate authority as the database keeps it.
 *
 * @param number from 1; later ones have greater numbers
 * @param certificate PEM
 * @param privateKey PEM, PKCS#8
 */
public record StoredAuthority(int number, String certificate, String privateKey) {
    /** Without the private key, for it may come into a log. */
    @Override
    public String toString() {
        return "authority " + number;
    }
}
