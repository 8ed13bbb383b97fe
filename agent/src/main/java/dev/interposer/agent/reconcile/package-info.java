/** What to do about what is wanted and what is; pure. Imports the contract. */
@NullMarked
package dev.interposer.agent.reconcile;

import org.jspecify.annotations.NullMarked;
