package dev.interposer.agent.driver.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** As a process that was stopped leaves its socket: nothing is accepted, and as many wait for it as may. */
final class FullSocket implements AutoCloseable {
    private final ServerSocketChannel listening;
    private final List<SocketChannel> waiting = new ArrayList<>();

    FullSocket(Path path) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1);
        while (taken(address)) {
            assertThat(waiting).as("the backlog is for one").hasSizeLessThan(100);
        }
    }

    private boolean taken(UnixDomainSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        waiting.add(channel);
        channel.configureBlocking(false);
        try {
            return channel.connect(address);
        } catch (SocketException e) {
            return false;
        }
    }

    /** Makes room for one. */
    void accept() throws IOException {
        waiting.add(listening.accept());
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (SocketChannel channel : waiting) {
            channel.close();
        }
    }
}
