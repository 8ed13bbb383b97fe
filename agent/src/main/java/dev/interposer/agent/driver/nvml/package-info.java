/** NVIDIA's devices by its management library, called in place. Imports the contract, agent.driver and driver.sysfs. */
@NullMarked
package dev.interposer.agent.driver.nvml;

import org.jspecify.annotations.NullMarked;
