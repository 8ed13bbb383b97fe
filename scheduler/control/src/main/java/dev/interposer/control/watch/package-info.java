/** Changes kept for watchers, bounded. Imports nothing of ours. */
@NullMarked
package dev.interposer.control.watch;

import org.jspecify.annotations.NullMarked;
