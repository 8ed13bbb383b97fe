/** Devices as dynamic resource allocation tells them: attributes as text, and CEL over them; may import control. */
@NullMarked
package dev.interposer.server.dra;

import org.jspecify.annotations.NullMarked;
