/** What may be asked: every violation at once, with field path and value. Imports engine.model and control.command. */
@NullMarked
package dev.interposer.control.validate;

import org.jspecify.annotations.NullMarked;
