/** What follows from the facts about a device: its health, damped. Pure; imports agent.driver and agent.config. */
@NullMarked
package dev.interposer.agent.health;

import org.jspecify.annotations.NullMarked;
