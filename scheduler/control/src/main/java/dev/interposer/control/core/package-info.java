/** Command to event: the lifecycle of jobs, nodes and objects, and the pages they make. Imports the rest of control. */
@NullMarked
package dev.interposer.control.core;

import org.jspecify.annotations.NullMarked;
