/** What was started and ended, on disk before it counts. Imports the contract and agent.reconcile. */
@NullMarked
package dev.interposer.agent.journal;

import org.jspecify.annotations.NullMarked;
