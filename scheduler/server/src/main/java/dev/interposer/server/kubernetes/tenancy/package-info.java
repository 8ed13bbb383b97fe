/** What a cluster's rights say of jobs that come by other ways than its API server. */
@NullMarked
package dev.interposer.server.kubernetes.tenancy;

import org.jspecify.annotations.NullMarked;
