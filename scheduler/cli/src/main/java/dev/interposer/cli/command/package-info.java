/** The verbs. Imports cli.client and cli.output. */
@NullMarked
package dev.interposer.cli.command;

import org.jspecify.annotations.NullMarked;
