/** NVIDIA's devices by its management library, called in place. Imports the contract and agent.driver. */
@NullMarked
package dev.interposer.agent.driver.nvml;

import org.jspecify.annotations.NullMarked;
