/** Who is considered next: the backlog of waiting gangs. Imports {@code engine.model} and {@code engine.state}. */
@NullMarked
package dev.interposer.engine.order;

import org.jspecify.annotations.NullMarked;
