/** Small files by which a kernel tells of its devices. Imports the JDK alone. */
@NullMarked
package dev.interposer.agent.driver.sysfs;

import org.jspecify.annotations.NullMarked;
