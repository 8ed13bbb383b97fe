/** Measures a whole installation of real processes. Imports cli.client, cli.up, the contracts and the trace readers. */
@NullMarked
package dev.interposer.cli.bench;

import org.jspecify.annotations.NullMarked;
