/**
 * Replay of the openb family of traces, with the rules of FGD as one policy. Imports control, the engine and the
 * ledger's digests.
 */
@NullMarked
package dev.interposer.simulation.openb;

import org.jspecify.annotations.NullMarked;
