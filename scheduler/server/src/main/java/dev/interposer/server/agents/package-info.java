/** Streams of agents, their orders, silence and logs. Imports control, server.loop, .security and the contracts. */
@NullMarked
package dev.interposer.server.agents;

import org.jspecify.annotations.NullMarked;
