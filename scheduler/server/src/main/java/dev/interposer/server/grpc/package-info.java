/** The gRPC services. Imports control.command, resources, server.loop, .view, .security and .tls. */
@NullMarked
package dev.interposer.server.grpc;

import org.jspecify.annotations.NullMarked;
