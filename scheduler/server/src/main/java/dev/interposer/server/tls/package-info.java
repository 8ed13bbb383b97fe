/**
 * Certificates of this server and of agents, and who signs them. Imports the ledger's tables for them, server.config,
 * .loop and .security.
 */
@NullMarked
package dev.interposer.server.tls;

import org.jspecify.annotations.NullMarked;
