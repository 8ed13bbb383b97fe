/** The gRPC services. Imports control.command, resources, server.loop, .view and .security. */
@NullMarked
package dev.interposer.server.grpc;

import org.jspecify.annotations.NullMarked;
