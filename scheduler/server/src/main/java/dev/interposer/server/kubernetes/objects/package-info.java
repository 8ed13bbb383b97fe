/** The objects of the API in a cluster: what they want becomes commands, what becomes of it their status. */
@NullMarked
package dev.interposer.server.kubernetes.objects;

import org.jspecify.annotations.NullMarked;
