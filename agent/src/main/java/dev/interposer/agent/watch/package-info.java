/** What a node's drivers say: asked off the loop and kept. Imports drivers, agent.health, agent.metrics, loop. */
@NullMarked
package dev.interposer.agent.watch;

import org.jspecify.annotations.NullMarked;
