/** Work that nobody waits for, kept out of the way of work that somebody waits for. Imports nothing of Interposer. */
@NullMarked
package dev.interposer.server.background;

import org.jspecify.annotations.NullMarked;
