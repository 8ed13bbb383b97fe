/** The agent of a machine; imports the contracts and nothing of the scheduler. */
@NullMarked
package dev.interposer.agent;

import org.jspecify.annotations.NullMarked;
