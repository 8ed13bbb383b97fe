package dev.interposer.ledger.jdbc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Sockets of the PostgreSQL driver that pass the steps of an append which happen on the wire. */
public final class SteppingSocketFactory extends SocketFactory {
    @Override
    public Socket createSocket() {
        return new Socket() {
            @Override
            public OutputStream getOutputStream() throws IOException {
                return new SteppingStream(super.getOutputStream());
            }
        };
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    /** Gathers what is written until it is flushed. */
    private static final class SteppingStream extends OutputStream {
        private final OutputStream wire;
        private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();

        SteppingStream(OutputStream wire) {
            this.wire = wire;
        }

        @Override
        public void write(int value) {
            unsent.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            unsent.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            byte[] message = unsent.toByteArray();
            unsent.reset();
            if (message.length == 0) {
                return;
            }
            AppendStep.BEFORE_SENDING.pass();
            int half = message.length / 2;
            wire.write(message, 0, half);
            wire.flush();
            AppendStep.HALF_SENT.pass();
            wire.write(message, half, message.length - half);
            wire.flush();
            AppendStep.SENT.pass();
        }

        @Override
        public void close() throws IOException {
            wire.close();
        }
    }
}
