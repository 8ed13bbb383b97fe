/**
 * The production classes of control, engine, codec, lease and the agent's reconcile in virtual time, over ports that
 * drop, delay, crash and pause. Imports control, the engine, the ledger's codec and the agent's reconcile.
 */
@NullMarked
package dev.interposer.simulation.fault;

import org.jspecify.annotations.NullMarked;
