package dev.interposer.agent.link;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The address under which this machine reaches its schedulers, and so most likely is reached by its like. A machine
 * has many, and its host name often stands for a loopback one; what the routes say needs no guess and sends nothing.
 */
final class OwnAddress {
    private static final Logger LOG = System.getLogger(OwnAddress.class.getName());

    private OwnAddress() {}

    /** Empty when no scheduler's name or network is known now. */
    static String towards(List<String> servers) {
        for (String server : servers) {
            int colon = server.lastIndexOf(':');
            String host = server.substring(0, colon).replaceAll("[\\[\\]]", "");
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.connect(new InetSocketAddress(host, Integer.parseInt(server.substring(colon + 1))));
                InetAddress local = socket.getLocalAddress();
                if (!local.isAnyLocalAddress()) {
                    return unscoped(local.getHostAddress());
                }
            } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
                LOG.log(Level.DEBUG, "no way to " + server, e);
            }
        }
        LOG.log(
                Level.WARNING,
                "no way to {0} is known, so gangs over several nodes can''t be told where this one is found. "
                        + "Maybe give its node an address in the nodes file?",
                servers);
        return "";
    }

    /** The number of a link says nothing on another machine. */
    private static String unscoped(String address) {
        int percent = address.indexOf('%');
        return percent < 0 ? address : address.substring(0, percent);
    }
}
