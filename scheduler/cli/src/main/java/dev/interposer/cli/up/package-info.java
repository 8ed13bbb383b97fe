/** Runs the whole on one machine. Imports cli.client and cli.command. */
@NullMarked
package dev.interposer.cli.up;

import org.jspecify.annotations.NullMarked;
