/**
 * Whether a ledger is sound: its chain, its fold, its snapshots, its history, what it says of itself. Imports
 * ledger.jdbc, history and codec.
 */
@NullMarked
package dev.interposer.ledger.check;

import org.jspecify.annotations.NullMarked;
