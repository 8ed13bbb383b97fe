package dev.interposer.cli.command;

import dev.interposer.proto.job.v1.DryRunResponse;
import dev.interposer.proto.job.v1.GangExplanation;
import dev.interposer.proto.job.v1.StartPlace;
import java.util.ArrayList;
import java.util.List;

/** What would become of a job, for people. */
final class DryRunText {
    private DryRunText() {}

    static List<String> lines(DryRunResponse job) {
        String name = job.getNamespace() + "/" + job.getName();
        List<String> lines = new ArrayList<>();
        for (StartPlace place : job.getPlacesList()) {
            String devices = place.getDevices() == 0 ? "" : place.getDevices() + " " + place.getClassName() + ", ";
            lines.add(name + " gang " + place.getGang() + " would start now: profile " + place.getProfileName() + ", "
                    + devices + place.getWorkers() + " workers on " + String.join(", ", place.getNodesList()));
        }
        if (job.hasWaits()) {
            GangExplanation waits = job.getWaits();
            lines.add(name + ": " + job.getWaitingGangs() + " gangs would wait: "
                    + waits.getReason().getText() + " [" + waits.getReason().getCode() + "]");
            if (waits.hasNearestChange()) {
                lines.add("  nearest change: " + waits.getNearestChange().getText());
            }
        }
        return lines;
    }
}
