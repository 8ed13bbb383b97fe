/** What people and programs see: the durable state as messages. Imports the engine's state and the contracts. */
@NullMarked
package dev.interposer.server.view;

import org.jspecify.annotations.NullMarked;
