package dev.interposer.cli.output;

import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.GangExplanation;
import dev.interposer.proto.job.v1.JobProgress;
import dev.interposer.proto.job.v1.ProfileExplanation;
import java.util.ArrayList;
import java.util.List;

/** Why a job is where it is, in lines. */
public final class Explanations {
    private Explanations() {}

    public static List<String> lines(ExplainResponse response) {
        List<String> lines = new ArrayList<>();
        for (Gang gang : response.getJob().getGangsList()) {
            if (gang.getAvoidedNodesCount() > 0) {
                lines.add("gang " + gang.getIndex() + " avoids " + String.join(", ", gang.getAvoidedNodesList())
                        + ", where it failed");
            }
        }
        String refusal = response.getJob().getProgress().getRefusal();
        if (!refusal.isEmpty()) {
            lines.add("its progress is refused: " + refusal);
        }
        JobProgress progress = response.getJob().getProgress();
        if (response.getJob().getPhase().equals("Running") && JobTables.standsStill(progress)) {
            lines.add("its loop has counted nothing for " + Ages.seconds(progress.getStillSeconds()) + ", since "
                    + progress.getDone() + " " + progress.getUnit() + "; it may hang");
        }
        for (GangExplanation gang : response.getGangsList()) {
            lines.add("gang " + gang.getGang() + " waits: " + gang.getReason().getText());
            lines.add("  place " + gang.getQueuePosition() + " in queue "
                    + response.getJob().getQueueName());
            for (ProfileExplanation profile : gang.getProfilesList()) {
                lines.add("  profile " + profile.getProfileName() + ": "
                        + profile.getReason().getText() + " ["
                        + profile.getReason().getCode() + "]");
            }
            if (gang.hasNearestChange()) {
                lines.add("  nearest change: " + gang.getNearestChange().getText());
            }
        }
        return lines;
    }
}
