package dev.interposer.server.view;

import dev.interposer.engine.nearest.NearestChange;
import dev.interposer.engine.nearest.Part;
import dev.interposer.engine.nearest.Placed;
import dev.interposer.proto.job.v1.ChangePart;
import dev.interposer.proto.job.v1.StartPlace;

/** What was found on copies of the state, as messages. */
public final class ForecastViews {
    private ForecastViews() {}

    public static dev.interposer.proto.job.v1.NearestChange of(NearestChange change, int gang) {
        var view = dev.interposer.proto.job.v1.NearestChange.newBuilder()
                .setOutcome(Names.camel(change.outcome()))
                .setCost(change.cost())
                .setTrials(change.trials())
                .setVerifiedAtRevision(change.revision())
                .setText(ChangeText.of(change));
        change.parts().forEach(part -> view.addParts(part(part)));
        Placed place = change.place();
        if (place != null) {
            view.setPlace(place(place, gang));
        }
        return view.build();
    }

    public static StartPlace place(Placed place, int gang) {
        return StartPlace.newBuilder()
                .setGang(gang)
                .setProfileName(place.profileName())
                .setClassName(place.className())
                .setWorkers(place.workers().size())
                .setDevices(place.devices())
                .addAllNodes(place.nodes())
                .build();
    }

    private static ChangePart part(Part part) {
        return ChangePart.newBuilder()
                .setKind(Names.camel(part.kind()))
                .setCost(part.cost())
                .putAllParameters(part.parameters())
                .setText(ChangeText.of(part))
                .build();
    }
}
