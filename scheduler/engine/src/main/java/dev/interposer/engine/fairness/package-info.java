/**
 * Who may use how much: the tree of queues, its limits and guarantees, and what each queue uses. Imports {@code
 * engine.model}, {@code engine.state} and {@code engine.fleet}.
 */
@NullMarked
package dev.interposer.engine.fairness;

import org.jspecify.annotations.NullMarked;
