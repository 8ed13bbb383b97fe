/** Why work waits: typed reasons, on demand. Imports the rest of the engine but {@code engine.plan}. */
@NullMarked
package dev.interposer.engine.explain;

import org.jspecify.annotations.NullMarked;
