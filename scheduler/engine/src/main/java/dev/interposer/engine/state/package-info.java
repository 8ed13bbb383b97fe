/** The fold of events: what is, as plain objects. Imports {@code engine.model} and {@code engine.event}. */
@NullMarked
package dev.interposer.engine.state;

import org.jspecify.annotations.NullMarked;
