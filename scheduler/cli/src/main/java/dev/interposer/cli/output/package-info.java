/** What a person or a script reads. Imports the contracts. */
@NullMarked
package dev.interposer.cli.output;

import org.jspecify.annotations.NullMarked;
