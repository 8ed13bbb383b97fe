/** What the agent knows of itself and its devices, for Prometheus. Imports the contract and agent.driver. */
@NullMarked
package dev.interposer.agent.metrics;

import org.jspecify.annotations.NullMarked;
