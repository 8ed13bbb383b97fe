/** The pure state machine around the engine; imports the engine. */
@NullMarked
package dev.interposer.control;

import org.jspecify.annotations.NullMarked;
