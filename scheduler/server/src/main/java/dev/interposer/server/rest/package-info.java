/** The read side for browsers and scripts. Imports server.view and .security. */
@NullMarked
package dev.interposer.server.rest;

import org.jspecify.annotations.NullMarked;
