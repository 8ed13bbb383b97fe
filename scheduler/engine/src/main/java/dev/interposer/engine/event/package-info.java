/** Everything that can happen, as immutable records. Imports {@code engine.model} only. */
@NullMarked
package dev.interposer.engine.event;

import org.jspecify.annotations.NullMarked;
