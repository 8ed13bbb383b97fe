/** Chips of other makers by plugins, processes that serve driver.v1. Imports the contracts and agent.driver. */
@NullMarked
package dev.interposer.agent.driver.plugin;

import org.jspecify.annotations.NullMarked;
