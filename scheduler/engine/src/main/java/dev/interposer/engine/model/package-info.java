/** The values of the scheduler: jobs, classes, suppliers, queues, nodes. Imports nothing but the JDK. */
@NullMarked
package dev.interposer.engine.model;

import org.jspecify.annotations.NullMarked;
