/** Who an agent is to its schedulers, and how it asks to be somebody. Imports agent.config and the contracts. */
@NullMarked
package dev.interposer.agent.identity;

import org.jspecify.annotations.NullMarked;
