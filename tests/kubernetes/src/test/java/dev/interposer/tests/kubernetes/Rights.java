package dev.interposer.tests.kubernetes;

import java.io.IOException;

/** What the chart lets servers do, given to a user of these tests. */
final class Rights {
    private Rights() {}

    /** @param roles files of the chart's rights, without their ending */
    static void give(ControlPlane plane, String user, String... roles) throws IOException, InterruptedException {
        for (String role : roles) {
            Kubectl kubectl = plane.kubectl();
            kubectl.ok(
                    "apply",
                    "-f",
                    Chart.folder().resolve("files/rights/" + role + ".yaml").toString());
            kubectl.ok(
                    "create",
                    "clusterrolebinding",
                    user + "-" + role,
                    "--clusterrole=interposer-" + role,
                    "--user=" + user);
        }
    }
}
