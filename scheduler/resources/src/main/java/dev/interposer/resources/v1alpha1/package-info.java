/** The objects as Kubernetes holds them, from which their definitions are generated; imports Fabric8 and Jackson. */
@NullMarked
package dev.interposer.resources.v1alpha1;

import org.jspecify.annotations.NullMarked;
