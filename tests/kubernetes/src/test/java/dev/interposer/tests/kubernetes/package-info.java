/** Scenarios over a real control plane of Kubernetes. May use what starts servers in {@code tests.e2e}. */
@NullMarked
package dev.interposer.tests.kubernetes;

import org.jspecify.annotations.NullMarked;
