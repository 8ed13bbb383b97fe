/** One decision after another: order, profile, place. Imports the rest of the engine. */
@NullMarked
package dev.interposer.engine.plan;

import org.jspecify.annotations.NullMarked;
