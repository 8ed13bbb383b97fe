/** Runs workers. Imports the contract, agent.config and agent.driver. */
@NullMarked
package dev.interposer.agent.runtime;

import org.jspecify.annotations.NullMarked;
