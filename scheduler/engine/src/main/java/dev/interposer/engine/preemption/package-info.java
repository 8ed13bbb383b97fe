/**
 * Making room: who may be asked to leave, and how few of them suffice. Imports the rest of the engine but {@code
 * engine.explain} and {@code engine.plan}.
 */
@NullMarked
package dev.interposer.engine.preemption;

import org.jspecify.annotations.NullMarked;
