/** Who may do what. Imports server.config. */
@NullMarked
package dev.interposer.server.security;

import org.jspecify.annotations.NullMarked;
