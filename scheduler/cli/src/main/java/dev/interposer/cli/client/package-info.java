/** The connection to a server. Imports the contracts. */
@NullMarked
package dev.interposer.cli.client;

import org.jspecify.annotations.NullMarked;
