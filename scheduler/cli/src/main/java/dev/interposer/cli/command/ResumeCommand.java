package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.proto.fleet.v1.ResumePlacementRequest;
import dev.interposer.proto.fleet.v1.ResumePlacementResponse;
import dev.interposer.proto.fleet.v1.StatusRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code resume}. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        description = "Place work again after a backup was restored.",
        footer = {
            "",
            "Until then nothing is placed, and work that the backup does not know is held on its nodes.",
            "`interposer status` says whether placement is halted, and why.",
            "Example: interposer resume"
        })
public final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Override
    public Integer call() {
        context.refuseNames("resume");
        try (Client client = context.connect()) {
            String halted =
                    client.fleet().status(StatusRequest.getDefaultInstance()).getPlacementHalted();
            ResumePlacementResponse response =
                    client.fleet().resumePlacement(ResumePlacementRequest.getDefaultInstance());
            context.say(
                    response,
                    "",
                    halted.isEmpty()
                            ? "placement was not halted"
                            : "work is placed again from revision " + response.getRevision() + " on");
        }
        return 0;
    }
}
