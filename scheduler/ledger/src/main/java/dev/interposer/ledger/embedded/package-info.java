/** A PostgreSQL of our own, for machines without one. Imports nothing else of ours. */
@NullMarked
package dev.interposer.ledger.embedded;

import org.jspecify.annotations.NullMarked;
