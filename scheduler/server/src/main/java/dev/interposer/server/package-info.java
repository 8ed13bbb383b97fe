/** The shell that runs the scheduler: the only module that imports Quarkus. */
@NullMarked
package dev.interposer.server;

import org.jspecify.annotations.NullMarked;
