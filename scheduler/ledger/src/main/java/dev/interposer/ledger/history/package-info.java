/** Jobs that ended, beside the ledger and derived from it: for people, not for decisions. */
@NullMarked
package dev.interposer.ledger.history;

import org.jspecify.annotations.NullMarked;
