/** Work as pods: what is made of an order, what a pod says of its worker, and who does it. May use the loop, the view and what objects are called. */
@NullMarked
package dev.interposer.server.kubernetes.pods;

import org.jspecify.annotations.NullMarked;
