/** Tables by 64-bit ids that hold no object for each entry. Imports nothing. */
@NullMarked
package dev.interposer.engine.table;

import org.jspecify.annotations.NullMarked;
