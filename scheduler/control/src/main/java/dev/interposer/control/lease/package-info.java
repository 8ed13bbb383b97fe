/** Who leads. Imports control.port. */
@NullMarked
package dev.interposer.control.lease;

import org.jspecify.annotations.NullMarked;
