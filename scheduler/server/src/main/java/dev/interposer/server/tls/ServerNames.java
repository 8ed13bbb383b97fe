package dev.interposer.server.tls;

import io.quarkus.logging.Log;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * By what a server is reached: a client takes no certificate that does not name what it dialled.
 *
 * @param hosts names of DNS
 */
record ServerNames(Set<String> hosts, Set<InetAddress> addresses) {
    private static final String ADDRESS = "[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*";

    /** What a certificate can say; a machine may have a name that it can't. */
    private static final String HOST = "[A-Za-z0-9*]([A-Za-z0-9.-]*[A-Za-z0-9])?";

    ServerNames {
        hosts = Collections.unmodifiableSet(new LinkedHashSet<>(hosts));
        addresses = Collections.unmodifiableSet(new LinkedHashSet<>(addresses));
    }

    /** Those of this machine, and those that it was told. */
    static ServerNames ofThisMachine(List<String> told) throws IOException {
        Set<String> hosts = new LinkedHashSet<>(List.of("localhost"));
        Set<InetAddress> addresses = new LinkedHashSet<>();
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            addresses.addAll(Collections.list(network.getInetAddresses()));
        }
        addresses.add(InetAddress.ofLiteral("127.0.0.1"));
        try {
            hosts.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            Log.debug("this machine does not know its own name", e);
        }
        for (String name : told) {
            if (name.matches(ADDRESS)) {
                addresses.add(InetAddress.ofLiteral(name));
            } else {
                hosts.add(name);
            }
        }
        addresses.removeIf(InetAddress::isAnyLocalAddress);
        hosts.removeIf(host -> !host.matches(HOST));
        return new ServerNames(hosts, addresses);
    }

    /** The number of a link says nothing on another machine. */
    static String text(InetAddress address) {
        String text = address.getHostAddress();
        int percent = text.indexOf('%');
        return percent < 0 ? text : text.substring(0, percent);
    }
}
