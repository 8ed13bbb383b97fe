/** Certificates of this server and who signs them. Imports the ledger's authorities, server.config and .loop. */
@NullMarked
package dev.interposer.server.tls;

import org.jspecify.annotations.NullMarked;
