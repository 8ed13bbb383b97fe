/**
 * Whether a ledger is sound: its chain, its fold, its snapshots, what it says of itself. Imports ledger.jdbc and
 * codec.
 */
@NullMarked
package dev.interposer.ledger.check;

import org.jspecify.annotations.NullMarked;
