/** What a node's drivers say: asked off the loop, kept on it. Imports all drivers, agent.health and the loop. */
@NullMarked
package dev.interposer.agent.watch;

import org.jspecify.annotations.NullMarked;
