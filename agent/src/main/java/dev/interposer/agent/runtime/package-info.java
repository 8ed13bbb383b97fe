/** Runs workers. Imports the contract and agent.reconcile. */
@NullMarked
package dev.interposer.agent.runtime;

import org.jspecify.annotations.NullMarked;
