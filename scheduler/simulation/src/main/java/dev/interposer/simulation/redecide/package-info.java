/**
 * Decides again what a live server decided, from a dump of its state. Imports the engine, control.port and the codec.
 */
@NullMarked
package dev.interposer.simulation.redecide;

import org.jspecify.annotations.NullMarked;
