/** The cheapest change after which a gang that waits would start, found and verified on copies of the state. */
@NullMarked
package dev.interposer.engine.nearest;

import org.jspecify.annotations.NullMarked;
