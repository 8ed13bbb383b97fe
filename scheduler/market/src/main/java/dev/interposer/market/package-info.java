/** Measures of supply, for people: taken of a state, off the path of decisions. Imports {@code engine} only. */
@NullMarked
package dev.interposer.market;

import org.jspecify.annotations.NullMarked;
