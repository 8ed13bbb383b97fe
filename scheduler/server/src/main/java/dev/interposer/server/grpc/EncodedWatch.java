package dev.interposer.server.grpc;

import com.google.protobuf.ByteString;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.WatchRequest;
import dev.interposer.server.view.ChangedJob;
import io.grpc.BindableService;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The service of jobs with a watch whose answers are encoded already, once for all who watch. */
final class EncodedWatch implements BindableService {
    private final JobEndpoint jobs;

    EncodedWatch(JobEndpoint jobs) {
        this.jobs = jobs;
    }

    /** Says how long it is and writes itself: what does neither is copied by way of a new buffer of 8 KiB. */
    private static final class Bytes extends FilterInputStream implements KnownLength, Drainable {
        private final ByteString bytes;

        Bytes(ByteString bytes) {
            super(bytes.newInput());
            this.bytes = bytes;
        }

        /** Called once, and by who reads nothing before. */
        @Override
        public int drainTo(OutputStream target) throws IOException {
            bytes.writeTo(target);
            return bytes.size();
        }
    }

    /** Bytes as they are; the server reads none. */
    private record Encoded() implements Marshaller<ChangedJob> {
        @Override
        public InputStream stream(ChangedJob change) {
            ByteString event = change.event();
            if (event == null) {
                throw new IllegalArgumentException("a change without its message was sent");
            }
            return new Bytes(event);
        }

        @Override
        public ChangedJob parse(InputStream stream) {
            throw new UnsupportedOperationException("a server answers a watch and reads none");
        }
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServerServiceDefinition plain = jobs.bindService();
        MethodDescriptor<WatchRequest, ChangedJob> watch = JobServiceGrpc.getWatchMethod().toBuilder(
                        JobServiceGrpc.getWatchMethod().getRequestMarshaller(), new Encoded())
                .build();
        ServiceDescriptor.Builder service = ServiceDescriptor.newBuilder(JobServiceGrpc.SERVICE_NAME)
                .setSchemaDescriptor(plain.getServiceDescriptor().getSchemaDescriptor());
        for (MethodDescriptor<?, ?> method : plain.getServiceDescriptor().getMethods()) {
            service.addMethod(method.getFullMethodName().equals(watch.getFullMethodName()) ? watch : method);
        }
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(service.build());
        for (ServerMethodDefinition<?, ?> method : plain.getMethods()) {
            if (!method.getMethodDescriptor().getFullMethodName().equals(watch.getFullMethodName())) {
                definition.addMethod(method);
            }
        }
        return definition
                .addMethod(watch, ServerCalls.asyncServerStreamingCall(jobs::watchEncoded))
                .build();
    }
}
