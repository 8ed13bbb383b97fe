/** Chips that a YAML file describes by the files their kernel driver shows. Imports agent.driver and agent.config. */
@NullMarked
package dev.interposer.agent.driver.profile;

import org.jspecify.annotations.NullMarked;
