package dev.interposer.tests.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A piece of network on loopback that can be cut: every connection to its port goes on to the target's. */
final class Proxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ServerSocket listener;
    private final int targetPort;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private Cut cut = Cut.NONE;

    /** How the network fails. */
    enum Cut {
        NONE(true, true),
        /** Nothing arrives and nobody is told; what was under way arrives when it heals. */
        SILENT(false, false),
        /** The same, only of what goes to the target. */
        SILENT_THERE(false, true),
        /** The same, only of what comes from the target. */
        SILENT_BACK(true, false),
        /** Connections break and new ones are refused. */
        RESET(true, true);

        private final boolean there;
        private final boolean back;

        Cut(boolean there, boolean back) {
            this.there = there;
            this.back = back;
        }
    }

    Proxy(int targetPort) throws IOException {
        this.targetPort = targetPort;
        this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("proxy-" + port()).start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void cut(Cut how) {
        synchronized (this) {
            cut = how;
            notifyAll();
        }
        if (how == Cut.RESET) {
            breakConnections();
        }
    }

    void heal() {
        cut(Cut.NONE);
    }

    private synchronized Cut state() {
        return cut;
    }

    private void breakConnections() {
        open.forEach(Proxy::closeQuietly);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                if (state() == Cut.RESET) {
                    closeQuietly(client);
                } else {
                    Thread.ofVirtual().start(() -> serve(client));
                }
            }
        } catch (IOException e) {
            // Closed: nobody is served any more.
            return;
        }
    }

    private void serve(Socket client) {
        open.add(client);
        try {
            awaitPassage(true);
            awaitPassage(false);
            Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
            open.add(target);
            client.setTcpNoDelay(true);
            target.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> pump(client, target, true));
            pump(target, client, false);
        } catch (IOException | InterruptedException e) {
            closeQuietly(client);
        } finally {
            open.remove(client);
        }
    }

    private void pump(Socket from, Socket to, boolean there) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitPassage(there);
                out.write(buffer, 0, read);
            }
            awaitPassage(there);
        } catch (IOException | InterruptedException e) {
            // One side is gone: the other learns it below.
        } finally {
            closeQuietly(from);
            closeQuietly(to);
            open.remove(from);
            open.remove(to);
        }
    }

    private synchronized void awaitPassage(boolean there) throws InterruptedException {
        while (!(there ? cut.there : cut.back) && !listener.isClosed()) {
            wait(100);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more either way.
            return;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new IllegalStateException("a proxy did not close", e);
        }
        heal();
        breakConnections();
    }
}
