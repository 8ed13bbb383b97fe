/** The gRPC services. Imports control.command, resources, and of server what serves, reads and secures. */
@NullMarked
package dev.interposer.server.grpc;

import org.jspecify.annotations.NullMarked;
