/**
 * What may serve a request: classes by name or constraint. Imports {@code engine.model}, {@code .state}, {@code
 * .fleet}.
 */
@NullMarked
package dev.interposer.engine.fit;

import org.jspecify.annotations.NullMarked;
