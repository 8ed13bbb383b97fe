/** Jobs that ended: written down beside the ledger, and read for people. */
@NullMarked
package dev.interposer.server.history;

import org.jspecify.annotations.NullMarked;
