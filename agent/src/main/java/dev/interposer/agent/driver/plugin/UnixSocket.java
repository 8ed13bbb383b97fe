package dev.interposer.agent.driver.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.SocketFactory;

/**
 * A unix socket for who only knows {@link Socket}, as the agent's gRPC transport does. Another transport that
 * speaks unix sockets by itself would make the agent larger for a few calls.
 */
final class UnixSocket extends Socket {
    private final SocketChannel channel;

    private UnixSocket(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects to one path, whichever host and port it is asked for. */
    static SocketFactory factory(Path path) {
        return new Factory(path);
    }

    @Override
    public InputStream getInputStream() {
        return Channels.newInputStream(channel);
    }

    @Override
    public OutputStream getOutputStream() {
        return Channels.newOutputStream(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return address();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return address();
    }

    /** Of the internet's; calls name their host by it. */
    @Override
    public InetAddress getInetAddress() {
        return InetAddress.getLoopbackAddress();
    }

    /** Means nothing here. */
    @Override
    public void setTcpNoDelay(boolean on) {}

    /** Deadlines are those of the calls. */
    @Override
    public void setSoTimeout(int timeoutMillis) throws SocketException {
        if (timeoutMillis != 0) {
            throw new SocketException("a unix socket has no timeout");
        }
    }

    private SocketAddress address() {
        try {
            return channel.getRemoteAddress();
        } catch (IOException e) {
            return UnixDomainSocketAddress.of("");
        }
    }

    /** A socket is there and takes no connection, which is not the same as that nobody is there. */
    static final class NotTakenException extends SocketException {
        @Serial
        private static final long serialVersionUID = 1;

        NotTakenException(Path path, SocketException why) {
            super(path + " takes no connection (" + why.getMessage()
                    + "). Maybe who listens there was stopped, and as many wait for it as may?");
        }
    }

    private static final class Factory extends SocketFactory {
        private final Path path;

        Factory(Path path) {
            this.path = path;
        }

        @Override
        public Socket createSocket() throws IOException {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                // Where nobody accepts and the backlog is full the kernel waits without limit, and with it a thread for
                // each try. Who asks it not to wait is told so at once.
                channel.configureBlocking(false);
                if (!channel.connect(UnixDomainSocketAddress.of(path))) {
                    throw new SocketException("the connection is not there at once");
                }
                channel.configureBlocking(true);
                return new UnixSocket(channel);
            } catch (SocketException e) {
                channel.close();
                // By what it is not, since the words of the kernel are in the language of the machine: neither refused
                // for want of a listener, nor a path that is not there or not for us.
                boolean refused = e instanceof ConnectException || !Files.isWritable(path);
                throw refused ? e : new NotTakenException(path, e);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return createSocket();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return createSocket();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return createSocket();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return createSocket();
        }
    }
}
