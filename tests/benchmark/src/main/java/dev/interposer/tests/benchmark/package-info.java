/** Benchmarks; imports the engine, control and the ledger. */
@NullMarked
package dev.interposer.tests.benchmark;

import org.jspecify.annotations.NullMarked;
