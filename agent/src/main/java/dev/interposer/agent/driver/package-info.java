/** Which devices a node has. Imports the contract and agent.config. */
@NullMarked
package dev.interposer.agent.driver;

import org.jspecify.annotations.NullMarked;
