/** Clusters of Kubernetes as a part of the fleet. May use the loop, the view and the agents' hub. */
@NullMarked
package dev.interposer.server.kubernetes;

import org.jspecify.annotations.NullMarked;
