/**
 * Where work goes: policies and the placing of whole gangs. Imports {@code engine.fleet}, {@code .fit}, {@code .model}
 * and {@code .state}.
 */
@NullMarked
package dev.interposer.engine.placement;

import org.jspecify.annotations.NullMarked;
