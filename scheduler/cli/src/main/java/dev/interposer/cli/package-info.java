/** The command line; imports the contracts, the resources and the simulation. */
@NullMarked
package dev.interposer.cli;

import org.jspecify.annotations.NullMarked;
