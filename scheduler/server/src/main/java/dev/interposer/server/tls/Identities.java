package dev.interposer.server.tls;

/** Says for each handshake what the server shows; never blocks on the network. */
interface Identities {
    Identity current();
}
