/** What the objects of a cluster say of its nodes, in the words of the fleet: pure, without a client. */
@NullMarked
package dev.interposer.server.kubernetes.inventory;

import org.jspecify.annotations.NullMarked;
