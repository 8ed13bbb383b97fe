package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Ages;
import dev.interposer.cli.output.Colours;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.fleet.v1.StatusResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "How the scheduler stands.",
        footer = {"", "Example: interposer status -o yaml"})
public final class StatusCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Override
    public Integer call() {
        context.refuseNames("status");
        try (Client client = context.connect()) {
            StatusResponse status = client.fleet().status(StatusRequest.getDefaultInstance());
            if (context.structured()) {
                context.out().print(Messages.text(status, context.format()));
            } else {
                print(status);
            }
        }
        context.out().flush();
        return 0;
    }

    private void print(StatusResponse status) {
        Colours colours = context.page().colours();
        context.out()
                .printf(
                        "%d nodes ready%s · %d of %d devices taken%s · %d jobs run, %d wait%n",
                        status.getNodesReady(),
                        status.getNodesLost() == 0
                                ? ""
                                : ", " + colours.verdict(false, status.getNodesLost() + " lost"),
                        status.getDevicesAllocated(),
                        status.getDevicesInstalled(),
                        status.getDevicesForeign() == 0 ? "" : ", " + status.getDevicesForeign() + " by others",
                        status.getJobsRunning(),
                        status.getJobsWaiting());
        if (!status.getPlacementHalted().isEmpty()) {
            context.out().println(colours.verdict(false, "NOTHING IS PLACED") + ": " + status.getPlacementHalted());
        }
        context.out()
                .printf(
                        "%s in epoch %d, up %s · revision %d, incarnation %d · %d agents · version %s%n",
                        status.getRole(),
                        status.getEpoch(),
                        Ages.seconds(status.getUptimeSeconds()),
                        status.getDurableRevision(),
                        status.getIncarnation(),
                        status.getAgentsConnected(),
                        status.getVersion());
    }
}
