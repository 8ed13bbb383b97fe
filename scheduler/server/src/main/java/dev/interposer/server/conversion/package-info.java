/** Measured throughput: written down beside the ledger and read as a table. Imports the ledger, market and the view. */
@NullMarked
package dev.interposer.server.conversion;

import org.jspecify.annotations.NullMarked;
