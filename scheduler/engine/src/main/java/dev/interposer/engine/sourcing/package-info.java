/**
 * What decisions read of supply: who stands behind each chip, and how far work may rest on whom. Imports
 * {@code engine.model} and {@code engine.state}.
 */
@NullMarked
package dev.interposer.engine.sourcing;

import org.jspecify.annotations.NullMarked;
