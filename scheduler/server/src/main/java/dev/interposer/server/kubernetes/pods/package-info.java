/** Work as pods: from orders to pods, from pods to reports. May use the loop, the view and what objects are called. */
@NullMarked
package dev.interposer.server.kubernetes.pods;

import org.jspecify.annotations.NullMarked;
