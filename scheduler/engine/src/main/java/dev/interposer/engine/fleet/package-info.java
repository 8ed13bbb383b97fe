/**
 * The fleet as primitive arrays: nodes and devices in slots that are reused and never leave the engine. Imports {@code
 * engine.model} and {@code engine.state}.
 */
@NullMarked
package dev.interposer.engine.fleet;

import org.jspecify.annotations.NullMarked;
