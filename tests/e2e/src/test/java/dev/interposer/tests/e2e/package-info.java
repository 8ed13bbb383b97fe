/** Scenarios over real processes; imports the contracts only. */
@NullMarked
package dev.interposer.tests.e2e;

import org.jspecify.annotations.NullMarked;
