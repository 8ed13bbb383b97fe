/** Chips of AMD by what their kernel driver shows in sysfs. Imports agent.driver. */
@NullMarked
package dev.interposer.agent.driver.amd;

import org.jspecify.annotations.NullMarked;
