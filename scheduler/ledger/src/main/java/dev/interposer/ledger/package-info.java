/** The ledger in PostgreSQL and its codec; imports the engine, the control ports and the contracts. */
@NullMarked
package dev.interposer.ledger;

import org.jspecify.annotations.NullMarked;
