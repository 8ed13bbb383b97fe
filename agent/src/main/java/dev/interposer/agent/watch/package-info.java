/** What a node's drivers say: asked off the loop, kept on it. Imports agent.driver, agent.health and the loop. */
@NullMarked
package dev.interposer.agent.watch;

import org.jspecify.annotations.NullMarked;
